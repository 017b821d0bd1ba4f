//! Turns transport errors into the [`Error`] that callers see.

use std::io;

use super::attempt_context::AttemptContext;
use super::network_block::blocked_error;
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
    /// The error of a call whose wait was ended, after it has come so far.
    pub(crate) fn while_waiting(self, outcome: Outcome) -> Error {
        match self {
            TransportError::OutOfMemory => Error::memory(outcome),
            TransportError::Interrupted => Error::interrupted(outcome),
            _ => Error::cancelled(outcome),
        }
    }

    /// The error of the call. What it means depends on how far the attempt has come.
    pub(crate) fn into_error(self, attempt: &AttemptContext<'_>) -> Error {
        match self {
            TransportError::Timeout => timeout_error(attempt),
            TransportError::NoConnectionFree => Error::timeout(
                "timed out because all connections were in use (`timeoutMs`): raise `maxConnections` or make fewer calls at the same time",
                attempt.outcome(),
            ),
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
            TransportError::NameServer { host } => Error::timeout(
                format!(
                    "timed out because the name server did not answer for {host} (`timeoutMs`): check the network of this machine"
                ),
                attempt.outcome(),
            ),
            TransportError::Tls(error) => Error::Tls(Box::new(ErrorDetails::new(
                format!("TLS failed: {}", describe_tls_error(&error)),
                attempt.outcome(),
            ))),
            TransportError::Proxy(error) => error.into_error(attempt.outcome()),
            TransportError::NotLoopback => skip_verify_error(),
            TransportError::NetworkBlocked => blocked_error(),
            TransportError::Cancelled => Error::cancelled(attempt.outcome()),
            TransportError::Interrupted => Error::interrupted(attempt.outcome()),
            TransportError::OutOfMemory => Error::memory(attempt.outcome()),
        }
    }
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
    // Linux reports the last ICMP error, if there was one.
    let is_unacknowledged = matches!(
        error.kind(),
        io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
    );
    if attempt.request_sent() && is_unacknowledged {
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
