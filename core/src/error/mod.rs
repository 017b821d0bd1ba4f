//! The one error type: what went wrong, and what became of the request.

mod document;

use std::borrow::Cow;
use std::fmt;

use crate::answer::is_code;
use crate::status::{Outcome, Status};

/// How messages say that the outcome is [`Outcome::Unknown`].
pub(crate) const MAYBE_DONE: &str = ", so the request may have been acted on";

/// Why a call failed. `Display` is one sentence that a person can act on; neither it nor `Debug`
/// holds a login ID, a token or a key.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request document cannot be sent.
    #[error("{0}")]
    Argument(Cow<'static, str>),
    /// The configuration cannot work.
    #[error("{0}")]
    Config(Cow<'static, str>),
    /// The JSON pointer names nothing.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// Name not found, connection refused, reset or closed.
    #[error("{}", .0.message)]
    Network(Failure),
    /// Handshake or certificate refused.
    #[error("{}", .0.message)]
    Tls(Failure),
    /// The deadline passed.
    #[error("{}", .0.message)]
    Timeout(Failure),
    /// An answer that is not what the API promises.
    #[error("{}", .0.message)]
    Protocol(Failure),
    /// An HTTP status outside 2xx, 429 apart.
    #[error("{}", .0.message)]
    Api(Box<Refusal>),
    /// HTTP 429.
    #[error("{}", .0.message)]
    RateLimited(Box<Refusal>),
    /// A session or refresh token is malformed, expired, or not signed by the project.
    #[error("{}", .0.message)]
    Token(Failure),
    /// A bug in the library, caught.
    #[error("{0}")]
    Internal(Cow<'static, str>),
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Not a JWT, cut short, or without what every token has.
    Malformed,
    /// Its time is over.
    Expired,
    /// Its time has not come; most often a clock is wrong.
    NotYetValid,
    /// The signature is not that of the key which it names.
    BadSignature,
    /// It names a key that the project does not have.
    UnknownKey,
    /// Not signed at all, or by another algorithm than its key's.
    WrongAlgorithm,
    /// Issued for another project.
    WrongIssuer,
    /// For another audience.
    WrongAudience,
    /// A refresh token in the place of a session token.
    NotASession,
    /// A session token in the place of a refresh token.
    NotARefreshToken,
}

/// A call that ended without a usable answer.
#[derive(Clone, Debug)]
pub struct Failure {
    pub(crate) reason: Option<Reason>,
    pub(crate) message: Cow<'static, str>,
    pub(crate) outcome: Outcome,
    pub(crate) attempts: u32,
    pub(crate) http_status: Option<u16>,
    pub(crate) request_id: Option<String>,
    /// Whether another attempt would end the same way, so that none is made.
    pub(crate) is_final: bool,
}

/// An answer by which the service, or the edge before it, said no.
#[derive(Clone)]
pub struct Refusal {
    pub(crate) message: Cow<'static, str>,
    pub(crate) outcome: Outcome,
    pub(crate) attempts: u32,
    pub(crate) http_status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_description: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) retry_after: Option<u64>,
}

impl Error {
    /// A request that cannot be sent, and what to do about it.
    pub fn argument(message: impl Into<Cow<'static, str>>) -> Error {
        Error::Argument(message.into())
    }

    /// A configuration that cannot work, and what to do about it.
    pub fn config(message: impl Into<Cow<'static, str>>) -> Error {
        Error::Config(message.into())
    }

    /// A token that does not hold.
    pub(crate) fn token(
        reason: Reason,
        message: impl Into<Cow<'static, str>>,
        outcome: Outcome,
    ) -> Error {
        Error::Token(Failure {
            reason: Some(reason),
            ..Failure::new(message, outcome)
        })
    }

    /// A bug in the library: what was being done when it showed.
    #[must_use]
    pub fn internal(doing: &'static str) -> Error {
        Error::Internal(Cow::Owned(format!(
            "a bug in libdescope_ml was caught {doing}: please report it; the process can go on"
        )))
    }

    /// The status that the faces report.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Error::Argument(_) => Status::Argument,
            Error::Config(_) => Status::Config,
            Error::NotFound(_) => Status::NotFound,
            Error::Network(_) => Status::Network,
            Error::Tls(_) => Status::Tls,
            Error::Timeout(_) => Status::Timeout,
            Error::Protocol(_) => Status::Protocol,
            Error::Api(_) => Status::Api,
            Error::RateLimited(_) => Status::RateLimited,
            Error::Token(_) => Status::Token,
            Error::Internal(_) => Status::Internal,
        }
    }

    /// What became of the request.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Argument(_) | Error::Config(_) | Error::NotFound(_) => Outcome::NotSent,
            Error::Internal(_) => Outcome::Unknown,
            Error::Network(f) | Error::Tls(f) | Error::Timeout(f) => f.outcome,
            Error::Protocol(f) | Error::Token(f) => f.outcome,
            Error::Api(r) | Error::RateLimited(r) => r.outcome,
        }
    }

    /// What is wrong with the token, when that is what failed.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.failure()?.reason
    }

    /// How many requests were tried; `None` when the call was refused before the first.
    #[must_use]
    pub fn attempts(&self) -> Option<u32> {
        let attempts = match (self.failure(), self.refusal()) {
            (Some(failure), _) => failure.attempts,
            (_, Some(refusal)) => refusal.attempts,
            _ => 0,
        };
        (attempts > 0).then_some(attempts)
    }

    /// The HTTP status of the last answer, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match (self.failure(), self.refusal()) {
            (Some(failure), _) => failure.http_status,
            (_, Some(refusal)) => Some(refusal.http_status),
            _ => None,
        }
    }

    /// The service's own code, e.g. `E062108`.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.refusal()?.error_code.as_deref()
    }

    /// The service's class of problem, in its own words, which may quote the request.
    #[must_use]
    pub fn error_description(&self) -> Option<&str> {
        self.refusal()?.error_description.as_deref()
    }

    /// The service's detail, in its own words, which may quote the request.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        self.refusal()?.error_message.as_deref()
    }

    /// After how many seconds the service wants to be asked again.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.refusal()?.retry_after
    }

    /// The identifier (`cf-ray`) by which the service's support finds the call.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match (self.failure(), self.refusal()) {
            (Some(failure), _) => failure.request_id.as_deref(),
            (_, Some(refusal)) => refusal.request_id.as_deref(),
            _ => None,
        }
    }

    /// The same error, counted as the last of so many attempts.
    pub(crate) fn after_attempts(mut self, count: u32) -> Error {
        if let Some(failure) = self.failure_mut() {
            failure.attempts = count;
        }
        if let Error::Api(refusal) | Error::RateLimited(refusal) = &mut self {
            refusal.attempts = count;
        }
        self
    }

    /// The same error, as the reason why something else could not be done, which was not sent.
    pub(crate) fn before_sending(mut self, what: &str) -> Error {
        let told =
            |message: &str| Cow::Owned(format!("{what}: {}", message.replace(MAYBE_DONE, "")));
        if let Some(failure) = self.failure_mut() {
            failure.message = told(&failure.message);
            failure.outcome = Outcome::NotSent;
        }
        if let Error::Api(refusal) | Error::RateLimited(refusal) = &mut self {
            refusal.message = told(&refusal.message);
            refusal.outcome = Outcome::NotSent;
        }
        self
    }

    /// The same error, met in an answer that came with this status: the request has been acted on.
    pub(crate) fn in_answer(
        mut self,
        what: &str,
        http_status: u16,
        request_id: Option<String>,
        attempts: u32,
    ) -> Error {
        if let Some(failure) = self.failure_mut() {
            failure.message = Cow::Owned(format!("{what}: {}", failure.message));
            failure.outcome = Outcome::Unknown;
            failure.http_status = Some(http_status);
            failure.request_id = request_id;
            failure.attempts = attempts;
        } else if let Error::Api(refusal) | Error::RateLimited(refusal) = &mut self {
            refusal.message = Cow::Owned(format!("{what}: {}", refusal.message));
            refusal.outcome = Outcome::Unknown;
            refusal.attempts = attempts;
        }
        self
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            Error::Network(f) | Error::Tls(f) | Error::Timeout(f) => Some(f),
            Error::Protocol(f) | Error::Token(f) => Some(f),
            _ => None,
        }
    }

    fn failure_mut(&mut self) -> Option<&mut Failure> {
        match self {
            Error::Network(f) | Error::Tls(f) | Error::Timeout(f) => Some(f),
            Error::Protocol(f) | Error::Token(f) => Some(f),
            _ => None,
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Api(r) | Error::RateLimited(r) => Some(r),
            _ => None,
        }
    }
}

impl Reason {
    /// The word in the error document, such as `expired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Malformed => "malformed",
            Reason::Expired => "expired",
            Reason::NotYetValid => "not_yet_valid",
            Reason::BadSignature => "bad_signature",
            Reason::UnknownKey => "unknown_key",
            Reason::WrongAlgorithm => "wrong_algorithm",
            Reason::WrongIssuer => "wrong_issuer",
            Reason::WrongAudience => "wrong_audience",
            Reason::NotASession => "not_a_session",
            Reason::NotARefreshToken => "not_a_refresh_token",
        }
    }
}

impl Failure {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>, outcome: Outcome) -> Failure {
        Failure {
            reason: None,
            message: message.into(),
            outcome,
            attempts: 0,
            http_status: None,
            request_id: None,
            is_final: false,
        }
    }
}

impl Refusal {
    /// The service's own code where it is one: any other text in its place may quote the request.
    fn code(&self) -> Option<&str> {
        self.error_code.as_deref().filter(|code| is_code(code))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.status())
            .field("message", &self.to_string())
            .field("outcome", &self.outcome())
            .field("attempts", &self.attempts())
            .field("http_status", &self.http_status())
            .field("error_code", &self.refusal().and_then(Refusal::code))
            .field("retry_after", &self.retry_after())
            .field("reason", &self.reason())
            .field("request_id", &self.request_id())
            .finish()
    }
}

impl fmt::Debug for Refusal {
    /// Without the service's own words, which may quote the login ID.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("http_status", &self.http_status)
            .field("error_code", &self.code())
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
