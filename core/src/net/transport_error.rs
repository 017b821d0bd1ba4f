//! Errors below HTTP.

use std::fmt;
use std::io;
use std::time::Instant;

use super::tls_error::describe_tls_error;

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// The time of the current step is over.
    Timeout,
    /// The host name does not exist.
    HostNotFound { host: String },
    /// The name server did not answer. It may do so from then on.
    NameServer { host: String, retry_at: Instant },
    /// The socket failed.
    Io(io::Error),
    /// TLS failed.
    Tls(rustls::Error),
    /// The proxy rejected the connection. With the HTTP status, if its response was HTTP.
    Proxy(Option<u16>),
    /// `skipVerify` is set, and the server is not on this machine.
    NotLoopback,
    /// The server closed the connection before the end of its response.
    ConnectionClosed,
    /// The caller has cancelled the call.
    Cancelled,
}

/// For [`io::Error`], which carries this type through rustls. Callers see the texts of
/// [`TransportError::into_error`].
impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::Timeout => f.write_str("timed out"),
            TransportError::HostNotFound { host } | TransportError::NameServer { host, .. } => {
                write!(f, "could not resolve {host}")
            }
            TransportError::Io(error) => error.fmt(f),
            TransportError::Tls(error) => f.write_str(&describe_tls_error(error)),
            TransportError::Proxy(_) => f.write_str("rejected by the proxy"),
            TransportError::NotLoopback => f.write_str("not a server on this machine"),
            TransportError::ConnectionClosed => f.write_str("connection closed"),
            TransportError::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for TransportError {}

impl From<io::Error> for TransportError {
    /// Unwraps the errors of rustls and of this module, which travel through `io::Error`.
    fn from(error: io::Error) -> Self {
        match error.downcast::<rustls::Error>() {
            Ok(tls) => TransportError::Tls(tls),
            Err(error) => match error.downcast::<TransportError>() {
                Ok(error) => error,
                Err(error) => TransportError::Io(error),
            },
        }
    }
}

impl From<TransportError> for io::Error {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Io(error) => error,
            error => io::Error::other(error),
        }
    }
}
