//! What can go wrong below HTTP, and how it reaches the caller as an [`Error`].

use std::borrow::Cow;
use std::fmt;
use std::io;

use super::call;
use crate::error::{Error, Failure, MAYBE_DONE};
use crate::status::Outcome;

/// A failure of one of our own layers, carried through ureq.
#[derive(Debug)]
pub(super) enum Fault {
    /// The step's time is over.
    Time,
    /// The name of this host could not be looked up.
    Name { host: String },
    /// The socket failed.
    Io(io::Error),
    /// TLS refused.
    Tls(rustls::Error),
    /// The proxy refused, with this HTTP status where it spoke HTTP.
    Proxy(Option<u16>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Time => f.write_str("out of time"),
            Fault::Name { host } => write!(f, "{host} not found"),
            Fault::Io(e) => e.fmt(f),
            Fault::Tls(e) => e.fmt(f),
            Fault::Proxy(_) => f.write_str("refused by the proxy"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for ureq::Error {
    fn from(fault: Fault) -> Self {
        ureq::Error::Other(Box::new(fault))
    }
}

impl From<io::Error> for Fault {
    /// rustls hands its own errors through io, so they are taken out again here.
    fn from(error: io::Error) -> Self {
        match error.downcast::<rustls::Error>() {
            Ok(tls) => Fault::Tls(tls),
            Err(error) => match error.downcast::<Fault>() {
                Ok(fault) => fault,
                Err(error) => Fault::Io(error),
            },
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Io(error) => error,
            fault => io::Error::other(fault),
        }
    }
}

/// What an attempt that ended in `error` amounts to, by what this thread's call has seen.
pub(super) fn explain(error: ureq::Error) -> Error {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Fault>() {
            Ok(fault) => of_fault(*fault),
            Err(_) => Error::internal("in the transport"),
        },
        ureq::Error::Io(error) => of_io(&error),
        // Before anything has gone out it is ours, not the answer, that is at fault.
        _ if !call::was_sent() => Error::internal("while writing a request"),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) => broken("the answer is not HTTP"),
        // The end came where a chunk should have.
        ureq::Error::BodyStalled => broken("the answer was cut short"),
        ureq::Error::LargeResponseHeader(..) => broken("the answer's headers are too large"),
        ureq::Error::BodyExceedsLimit(_) => broken("the answer is too large"),
        _ => Error::internal("in the transport"),
    }
}

fn of_fault(fault: Fault) -> Error {
    match fault {
        Fault::Time => out_of_time(),
        Fault::Io(error) => of_io(&error),
        Fault::Name { host } => Error::Network(failure(format!(
            "the host {host} was not found: check `baseUrl`, `proxy` and this machine's DNS"
        ))),
        Fault::Tls(error) => Error::Tls(failure(format!("TLS was refused: {}", refusal(&error)))),
        Fault::Proxy(Some(407)) => Error::Network(Failure {
            is_final: true, // Many a proxy locks an account after a few wrong passwords.
            ..failure("the proxy wants credentials: give them as http://user:password@host:port")
        }),
        Fault::Proxy(Some(status)) => Error::Network(Failure {
            is_final: (400..500).contains(&status),
            ..failure(format!(
                "the proxy refused to connect, with HTTP {status}: check `proxy` and NO_PROXY"
            ))
        }),
        Fault::Proxy(None) => Error::Network(failure(
            "the proxy did not answer as one: check `proxy` and NO_PROXY",
        )),
    }
}

fn of_io(error: &io::Error) -> Error {
    let reason = reason(error);
    Error::Network(failure(match (call::was_sent(), call::was_answered()) {
        (_, true) => return broken("the answer was cut short"),
        (true, false) => {
            format!("the connection broke before the answer came{MAYBE_DONE} ({reason})")
        }
        (false, false) => format!(
            "no connection could be made: check `baseUrl`, `proxy` and the network ({reason})"
        ),
    }))
}

fn out_of_time() -> Error {
    Error::Timeout(match (call::was_sent(), call::is_over()) {
        (true, _) => failure(format!(
            "the deadline passed before the answer came{MAYBE_DONE}"
        )),
        (false, true) => failure("the deadline passed before the request could be sent"),
        (false, false) => failure("no connection could be made within `connectTimeoutMs`"),
    })
}

fn broken(what: &'static str) -> Error {
    Error::Protocol(failure(what))
}

fn failure(message: impl Into<Cow<'static, str>>) -> Failure {
    let outcome = match call::was_sent() {
        true => Outcome::Unknown,
        false => Outcome::NotSent,
    };
    Failure::new(message, outcome)
}

/// Why TLS was refused, in words that name no moment, and what to do.
fn refusal(error: &rustls::Error) -> Cow<'static, str> {
    use rustls::CertificateError as Bad;
    let rustls::Error::InvalidCertificate(bad) = error else {
        return Cow::Owned(format!("{error}: check `baseUrl`"));
    };
    Cow::Borrowed(match bad {
        Bad::Expired | Bad::ExpiredContext { .. } => {
            "the server's certificate has expired: check this machine's clock"
        }
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet: check this machine's clock"
        }
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
            "the server's certificate is another host's: check `baseUrl`"
        }
        Bad::UnknownIssuer => {
            "nobody trusted vouches for the server's certificate: check `caFile` and `tlsRoots`"
        }
        _ => return Cow::Owned(format!("{bad}: check `baseUrl` and `caFile`")),
    })
}

/// An I/O error in words that are the same on every system.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused".to_owned(),
        io::ErrorKind::ConnectionReset => "reset".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => "closed".to_owned(),
        _ => error.to_string(),
    }
}
