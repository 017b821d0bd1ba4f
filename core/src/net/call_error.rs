//! Turns transport errors into the [`Error`] that callers see.

use std::borrow::Cow;
use std::io;

use super::attempt_context::AttemptContext;
use super::tls_error::describe_tls_error;
use super::transport_error::TransportError;
use crate::config::skip_verify_error;
use crate::error::{Error, ErrorDetails};
use crate::status::Outcome;

impl AttemptContext<'_> {
    /// The outcome of a request that fails now.
    pub(crate) fn outcome(&self) -> Outcome {
        if self.request_sent() {
            Outcome::Unknown
        } else {
            Outcome::NotSent
        }
    }
}

impl TransportError {
    /// The error of the call. What it means depends on how far the attempt has come.
    pub(crate) fn into_error(self, attempt: &AttemptContext<'_>) -> Error {
        match self {
            TransportError::Timeout => timeout_error(attempt),
            TransportError::Io(error) => connection_error(&error, attempt),
            TransportError::ConnectionClosed => {
                connection_error(&io::ErrorKind::UnexpectedEof.into(), attempt)
            }
            TransportError::HostNotFound { host } => Error::network(
                format!(
                    "could not resolve the host name {host}: check `baseUrl`, `proxy` and the DNS settings of this machine"
                ),
                attempt.outcome(),
            ),
            TransportError::NameServer { host, .. } => name_server_error(&host, attempt),
            TransportError::Tls(error) => Error::Tls(Box::new(ErrorDetails::new(
                format!("TLS failed: {}", describe_tls_error(&error)),
                attempt.outcome(),
            ))),
            TransportError::Proxy(status) => proxy_error(status, attempt),
            TransportError::NotLoopback => skip_verify_error(),
            TransportError::Cancelled => Error::cancelled(attempt.outcome()),
        }
    }
}

/// The name server was asked until the deadline.
fn name_server_error(host: &str, attempt: &AttemptContext<'_>) -> Error {
    let cause = format!(
        "could not resolve the host name {host}: the name server did not answer (`timeoutMs`): check the network of this machine"
    );
    Error::Network(Box::new(ErrorDetails {
        is_permanent: true,
        ..ErrorDetails::new(cause, attempt.outcome())
    }))
}

fn timeout_error(attempt: &AttemptContext<'_>) -> Error {
    let cause = match (attempt.request_sent(), attempt.deadline_passed()) {
        (true, _) => "timed out while waiting for the response (`timeoutMs`)",
        (false, true) => "timed out before the request was sent (`timeoutMs`)",
        (false, false) => "connecting timed out (`connectTimeoutMs`)",
    };
    Error::timeout(cause, attempt.outcome())
}

fn connection_error(error: &io::Error, attempt: &AttemptContext<'_>) -> Error {
    if attempt.response_started() {
        return Error::protocol(
            "the connection was closed before the response was complete",
            attempt.outcome(),
        );
    }
    if attempt.request_sent() && error.kind() == io::ErrorKind::TimedOut {
        return Error::timeout(
            "the request was sent, but nothing of it was acknowledged in time (`connectTimeoutMs`): the connection is dead",
            attempt.outcome(),
        );
    }
    let reason = describe_io_error(error);
    let cause = if attempt.request_sent() {
        format!("the connection was lost before the response arrived ({reason})")
    } else {
        format!("could not connect: check `baseUrl`, `proxy` and the network ({reason})")
    };
    Error::network(cause, attempt.outcome())
}

fn proxy_error(status: Option<u16>, attempt: &AttemptContext<'_>) -> Error {
    let cause = match status {
        Some(407) => Cow::Borrowed(
            "the proxy requires a user name and password: set `proxy` to http://user:password@host:port",
        ),
        Some(status) => Cow::Owned(format!(
            "the proxy rejected the connection (HTTP {status}): check `proxy` and NO_PROXY"
        )),
        None => Cow::Borrowed(
            "the proxy did not respond like an HTTP proxy: check `proxy` and NO_PROXY",
        ),
    };
    Error::Network(Box::new(ErrorDetails {
        // A second attempt fails as well. Some proxies lock an account after a few wrong passwords.
        is_permanent: matches!(status, Some(400..=499)),
        ..ErrorDetails::new(cause, attempt.outcome())
    }))
}

/// An I/O error in words. The common ones are the same on every system.
fn describe_io_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset by the peer".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            "connection closed by the peer".to_owned()
        }
        _ => error.to_string(),
    }
}
