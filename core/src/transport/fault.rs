//! What can go wrong below HTTP, and how it reaches the caller as an [`Error`].

use std::borrow::Cow;
use std::fmt;
use std::io;

use super::attempt::Attempt;
use crate::error::{Error, Failure, MAYBE_DONE};
use crate::status::Outcome;

/// Why an attempt failed, or the body of an answer could not be read.
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
    /// The server has ended the connection before its answer's end.
    Ended,
    /// What came in is not HTTP.
    NotHttp,
    /// The answer's headers are beyond the limit.
    HeadTooLarge,
    /// The answer's body is beyond the limit.
    AnswerTooLarge,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Time => f.write_str("out of time"),
            Fault::Name { host } => write!(f, "{host} not found"),
            Fault::Io(e) => e.fmt(f),
            Fault::Tls(e) => e.fmt(f),
            Fault::Proxy(_) => f.write_str("refused by the proxy"),
            Fault::Ended => f.write_str("ended early"),
            Fault::NotHttp => f.write_str("not HTTP"),
            Fault::HeadTooLarge | Fault::AnswerTooLarge => f.write_str("too large"),
        }
    }
}

impl std::error::Error for Fault {}

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

/// What an attempt that ended in a fault amounts to, by what it has seen.
pub(super) fn explain(fault: Fault, attempt: &Attempt) -> Error {
    let failure = |message| failure(message, attempt);
    let because = |message: &'static str| failure(Cow::Borrowed(message));
    match fault {
        Fault::Time => out_of_time(attempt),
        Fault::Io(error) => of_io(&error, attempt),
        Fault::Ended => of_io(&io::ErrorKind::UnexpectedEof.into(), attempt),
        Fault::Name { host } => Error::Network(failure(Cow::Owned(format!(
            "the host {host} was not found: check `baseUrl`, `proxy` and this machine's DNS"
        )))),
        Fault::Tls(error) => {
            let why = refusal(&error);
            Error::Tls(failure(Cow::Owned(format!("TLS was refused: {why}"))))
        }
        Fault::Proxy(Some(407)) => Error::Network(Failure {
            is_final: true, // Many a proxy locks an account after a few wrong passwords.
            ..because("the proxy wants credentials: give them as http://user:password@host:port")
        }),
        Fault::Proxy(Some(status)) => Error::Network(Failure {
            is_final: (400..500).contains(&status),
            ..failure(Cow::Owned(format!(
                "the proxy refused to connect, with HTTP {status}: check `proxy` and NO_PROXY"
            )))
        }),
        Fault::Proxy(None) => Error::Network(because(
            "the proxy did not answer as one: check `proxy` and NO_PROXY",
        )),
        Fault::NotHttp => Error::Protocol(because("the answer is not HTTP")),
        Fault::HeadTooLarge => Error::Protocol(because("the answer's headers are too large")),
        Fault::AnswerTooLarge => Error::Protocol(because("the answer is too large")),
    }
}

fn of_io(error: &io::Error, attempt: &Attempt) -> Error {
    if attempt.was_answered() {
        return Error::Protocol(failure(Cow::Borrowed("the answer was cut short"), attempt));
    }
    let reason = reason(error);
    let message = match attempt.was_sent() {
        true => format!("the connection broke before the answer came{MAYBE_DONE} ({reason})"),
        false => format!(
            "no connection could be made: check `baseUrl`, `proxy` and the network ({reason})"
        ),
    };
    Error::Network(failure(Cow::Owned(message), attempt))
}

fn out_of_time(attempt: &Attempt) -> Error {
    let message = match (attempt.was_sent(), attempt.is_over()) {
        (true, _) => Cow::Owned(format!(
            "the deadline passed before the answer came{MAYBE_DONE}"
        )),
        (false, true) => Cow::Borrowed("the deadline passed before the request could be sent"),
        (false, false) => Cow::Borrowed("no connection could be made within `connectTimeoutMs`"),
    };
    Error::Timeout(failure(message, attempt))
}

fn failure(message: Cow<'static, str>, attempt: &Attempt) -> Failure {
    let outcome = match attempt.was_sent() {
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
