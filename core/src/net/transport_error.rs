//! Errors below HTTP.

use std::collections::TryReserveError;
use std::fmt;
use std::io;

use super::proxy_error::ProxyError;
use super::tls_error::describe_tls_error;

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// The time of the current step is over.
    Timeout,
    /// The time is over, and all allowed connections were in use.
    NoConnectionFree,
    /// The host name does not exist.
    HostNotFound { host: String },
    /// The time is over, and the name server has not answered.
    NameServer { host: String },
    /// The socket failed.
    Io(io::Error),
    /// TLS failed.
    Tls(rustls::Error),
    /// The proxy opened no tunnel.
    Proxy(ProxyError),
    /// `skipVerify` is set, and the server is not on this machine.
    NotLoopback,
    /// The tests of the host program have blocked the network.
    NetworkBlocked,
    /// The server closed the connection before the end of its response.
    ConnectionClosed,
    /// The caller has cancelled the call.
    Cancelled,
    /// A signal has ended the call.
    Interrupted,
    /// Memory has run out.
    OutOfMemory,
}

/// For [`io::Error`], which carries this type through rustls. Callers see the texts of
/// [`TransportError::into_error`].
impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::Timeout | TransportError::NoConnectionFree => f.write_str("timed out"),
            TransportError::HostNotFound { host } | TransportError::NameServer { host } => {
                write!(f, "could not resolve {host}")
            }
            TransportError::Io(error) => error.fmt(f),
            TransportError::Tls(error) => f.write_str(&describe_tls_error(error)),
            TransportError::Proxy(_) => f.write_str("rejected by the proxy"),
            TransportError::NotLoopback => f.write_str("not a server on this machine"),
            TransportError::NetworkBlocked => f.write_str("the network is blocked"),
            TransportError::ConnectionClosed => f.write_str("connection closed"),
            TransportError::Cancelled => f.write_str("cancelled"),
            TransportError::Interrupted => f.write_str("interrupted"),
            TransportError::OutOfMemory => f.write_str("out of memory"),
        }
    }
}

impl TransportError {
    /// The same error, of a connection to a proxy instead of a server.
    pub(super) fn of_proxy(self) -> TransportError {
        match self {
            TransportError::Tls(error) => ProxyError::Tls(error).into(),
            error => error,
        }
    }
}

impl std::error::Error for TransportError {}

impl From<TryReserveError> for TransportError {
    fn from(_: TryReserveError) -> TransportError {
        TransportError::OutOfMemory
    }
}

impl From<ProxyError> for TransportError {
    fn from(error: ProxyError) -> TransportError {
        TransportError::Proxy(error)
    }
}

impl From<io::Error> for TransportError {
    /// Unwraps the errors of rustls and of this module, which travel through `io::Error`.
    fn from(error: io::Error) -> Self {
        match error.downcast::<rustls::Error>() {
            Ok(tls) => TransportError::Tls(tls),
            Err(error) => match error.downcast::<TransportError>() {
                Ok(error) => error,
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    TransportError::OutOfMemory
                }
                Err(error) => TransportError::Io(error),
            },
        }
    }
}

impl From<TransportError> for io::Error {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Io(error) => error,
            TransportError::OutOfMemory => io::ErrorKind::OutOfMemory.into(),
            error => io::Error::other(error),
        }
    }
}
