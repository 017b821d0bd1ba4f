//! The error type of the crate: what failed, and whether the service may have processed the request.

mod details;
mod document;
mod reason;

use std::borrow::Cow;
use std::collections::TryReserveError;
use std::fmt;

use crate::memory;
use crate::random::{self, NO_RANDOM_NUMBERS};
use crate::status::{Outcome, Status};

pub use details::ErrorDetails;
pub(crate) use details::is_error_code;
pub use reason::Reason;

/// Why a call failed. `Display` is one line that says what is wrong and what to do. Neither `Display`
/// nor `Debug` contains a login ID, a token or a key.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request document is invalid. Nothing was sent.
    #[error("{0}")]
    Argument(Cow<'static, str>),
    /// The configuration is invalid. Nothing was sent.
    #[error("{0}")]
    Config(Cow<'static, str>),
    /// The document has no value at the JSON pointer.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// DNS lookup failed, connection refused, reset or closed.
    #[error("{0}")]
    Network(Box<ErrorDetails>),
    /// The TLS handshake failed or the server's certificate is not trusted.
    #[error("{0}")]
    Tls(Box<ErrorDetails>),
    /// The deadline passed.
    #[error("{0}")]
    Timeout(Box<ErrorDetails>),
    /// The response is not valid HTTP, or not what the API documents.
    #[error("{0}")]
    Protocol(Box<ErrorDetails>),
    /// The HTTP status is neither 2xx nor 429.
    #[error("{0}")]
    Api(Box<ErrorDetails>),
    /// The HTTP status is 429.
    #[error("{0}")]
    RateLimited(Box<ErrorDetails>),
    /// A session or refresh token is malformed, expired, or not signed by the project.
    #[error("{0}")]
    Token(Box<ErrorDetails>),
    /// The caller has cancelled the call.
    #[error("{0}")]
    Cancelled(Box<ErrorDetails>),
    /// A bug in the library. The panic was caught.
    #[error("{0}")]
    Internal(Cow<'static, str>),
    /// Memory has run out.
    #[error("{0}")]
    Memory(Box<ErrorDetails>),
}

/// What [`Error::Memory`] says.
const OUT_OF_MEMORY: &str =
    "memory has run out: free some, or raise the memory limit of this process";

impl Error {
    /// An invalid request: what is wrong and what to do.
    pub fn argument(message: impl Into<Cow<'static, str>>) -> Error {
        Error::Argument(message.into())
    }

    /// An invalid configuration: what is wrong and what to do.
    pub fn config(message: impl Into<Cow<'static, str>>) -> Error {
        Error::Config(message.into())
    }

    pub(crate) fn network(cause: impl Into<Cow<'static, str>>, outcome: Outcome) -> Error {
        Error::Network(Box::new(ErrorDetails::new(cause, outcome)))
    }

    pub(crate) fn timeout(cause: impl Into<Cow<'static, str>>, outcome: Outcome) -> Error {
        Error::Timeout(Box::new(ErrorDetails::new(cause, outcome)))
    }

    pub(crate) fn protocol(cause: impl Into<Cow<'static, str>>, outcome: Outcome) -> Error {
        Error::Protocol(Box::new(ErrorDetails::new(cause, outcome)))
    }

    pub(crate) fn cancelled(outcome: Outcome) -> Error {
        let details = ErrorDetails::new("the call was cancelled", outcome);
        Error::Cancelled(Box::new(details))
    }

    pub(crate) fn interrupted(outcome: Outcome) -> Error {
        let cause = "a signal handler ran, which ends a call (`interruptible`)";
        Error::Cancelled(Box::new(ErrorDetails::new(cause, outcome)))
    }

    /// Memory has run out, after a call has come so far.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn memory(outcome: Outcome) -> Error {
        Error::Memory(Box::new(ErrorDetails::new(OUT_OF_MEMORY, outcome)))
    }

    /// For what a call leaves to later ones, such as a client: it must not come from the reserve, nor lack a part
    /// for want of memory.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`] if memory has run out.
    pub fn check_memory() -> Result<(), Error> {
        match memory::is_short() {
            true => Err(Error::memory(Outcome::NotSent)),
            false => Ok(()),
        }
    }

    /// The error of a call. If memory has run out, that is the cause of any error except the responses of the
    /// service and the caller's own decision. `outcome` is that of the call.
    pub(crate) fn unless_out_of_memory(self, outcome: Outcome) -> Error {
        match self {
            Error::Api(_) | Error::RateLimited(_) | Error::Cancelled(_) | Error::Memory(_) => self,
            error if memory::is_short() => error.into_memory(outcome),
            error => error,
        }
    }

    #[cold]
    fn into_memory(self, outcome: Outcome) -> Error {
        match self {
            Error::Network(mut details)
            | Error::Tls(mut details)
            | Error::Timeout(mut details)
            | Error::Protocol(mut details)
            | Error::Token(mut details) => {
                details.cause = Cow::Borrowed(OUT_OF_MEMORY);
                details.reason = None;
                details.retry_after = None;
                Error::Memory(details)
            }
            _ => Error::memory(outcome),
        }
    }

    /// An invalid token.
    pub(crate) fn token(reason: Reason, message: impl Into<Cow<'static, str>>) -> Error {
        Error::Token(Box::new(ErrorDetails {
            reason: Some(reason),
            ..ErrorDetails::new(message, Outcome::NotSent)
        }))
    }

    /// A bug in the library. `activity` says what the library was doing, such as "reading a response".
    #[must_use]
    pub fn internal(activity: &'static str) -> Error {
        Error::Internal(Cow::Owned(format!(
            "internal error in libdescope_ml while {activity}: please report it. Your program can continue"
        )))
    }

    /// The error for a panic, which was caught. Without random numbers the standard library panics; anything
    /// else is a bug in the library. `activity` is as for [`Error::internal`].
    #[must_use]
    pub fn after_panic(activity: &'static str) -> Error {
        match random::is_available() {
            true => Error::internal(activity),
            false => Error::Internal(Cow::Borrowed(NO_RANDOM_NUMBERS)),
        }
    }

    /// The status code that C callers see.
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
            Error::Cancelled(_) => Status::Cancelled,
            Error::Internal(_) => Status::Internal,
            Error::Memory(_) => Status::Memory,
        }
    }

    /// Whether the service may have processed the request. Check it before you retry.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Argument(_) | Error::Config(_) | Error::NotFound(_) => Outcome::NotSent,
            Error::Internal(_) => Outcome::Unknown,
            _ => self
                .details()
                .map_or(Outcome::Unknown, |details| details.outcome),
        }
    }

    /// Why the token is invalid, for [`Error::Token`].
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.details()?.reason
    }

    /// The number of requests that were tried. `None` if the call failed before the first.
    #[must_use]
    pub fn attempts(&self) -> Option<u32> {
        let attempts = self.details()?.attempts;
        (attempts > 0).then_some(attempts)
    }

    /// The HTTP status of the last response.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.details()?.http_status
    }

    /// The error code of the service, e.g. `E062108`.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.details()?.error_code.as_deref()
    }

    /// The kind of problem in the service's words. It may quote the request, so do not log it.
    #[must_use]
    pub fn error_description(&self) -> Option<&str> {
        self.details()?.error_description.as_deref()
    }

    /// The details in the service's words. They may quote the request, so do not log them.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        self.details()?.error_message.as_deref()
    }

    /// How many seconds to wait before the next request. For [`Error::Token`]: until the public keys can be
    /// fetched again for a token with an unknown key.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.details()?.retry_after
    }

    /// The ID of the request (`cf-ray`). Give it to Descope's support: it identifies the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.details()?.request_id.as_deref()
    }

    /// Sets the number of attempts.
    pub(crate) fn with_attempts(mut self, count: u32) -> Error {
        if let Some(details) = self.details_mut() {
            details.attempts = count;
        }
        self
    }

    /// Notes that a call with more time would have tried again.
    pub(crate) fn for_lack_of_time(mut self) -> Error {
        if let Some(details) = self.details_mut() {
            details.lacked_time = true;
        }
        self
    }

    /// Whether a call with more time would have tried again.
    pub(crate) fn lacked_time(&self) -> bool {
        self.details().is_some_and(|details| details.lacked_time)
    }

    /// The error of the last attempt as that of the call, whose earlier attempts had this outcome.
    pub(crate) fn after_attempts(mut self, outcome: Outcome) -> Error {
        if let Some(details) = self.details_mut() {
            details.outcome = details.outcome.max(outcome);
        }
        self
    }

    /// Turns the error of a step before the request (such as a key fetch) into the error of the call:
    /// `context` says what failed, and the request was not sent.
    pub(crate) fn before_request(mut self, context: &'static str) -> Error {
        if let Some(details) = self.details_mut() {
            details.context = Some(context);
            details.outcome = Outcome::NotSent;
        }
        self
    }

    /// Turns an error about the contents of a response into the error of the call: the service has
    /// processed the request.
    pub(crate) fn in_response(
        mut self,
        context: &'static str,
        http_status: u16,
        request_id: Option<String>,
        attempts: u32,
    ) -> Error {
        let is_about_another_response = matches!(self, Error::Api(_) | Error::RateLimited(_));
        if let Some(details) = self.details_mut() {
            if let Some(inner) = details.context.replace(context) {
                details.cause = Cow::Owned(format!("{inner}: {}", details.cause));
            }
            details.outcome = Outcome::Unknown;
            details.attempts = attempts;
            // The error of a key fetch keeps the status and ID of the response that it is about.
            if !is_about_another_response {
                details.http_status = Some(http_status);
                details.request_id = request_id;
            }
        }
        self
    }

    pub(crate) fn details(&self) -> Option<&ErrorDetails> {
        match self {
            Error::Network(d) | Error::Tls(d) | Error::Timeout(d) | Error::Protocol(d) => Some(d),
            Error::Api(d) | Error::RateLimited(d) | Error::Token(d) => Some(d),
            Error::Cancelled(d) | Error::Memory(d) => Some(d),
            Error::Argument(_) | Error::Config(_) | Error::NotFound(_) | Error::Internal(_) => None,
        }
    }

    fn details_mut(&mut self) -> Option<&mut ErrorDetails> {
        match self {
            Error::Network(d) | Error::Tls(d) | Error::Timeout(d) | Error::Protocol(d) => Some(d),
            Error::Api(d) | Error::RateLimited(d) | Error::Token(d) => Some(d),
            Error::Cancelled(d) | Error::Memory(d) => Some(d),
            Error::Argument(_) | Error::Config(_) | Error::NotFound(_) | Error::Internal(_) => None,
        }
    }
}

/// Before anything was sent.
impl From<TryReserveError> for Error {
    fn from(_: TryReserveError) -> Error {
        Error::memory(Outcome::NotSent)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error_code = self
            .details()
            .and_then(ErrorDetails::well_formed_error_code);
        f.debug_struct("Error")
            .field("status", &self.status())
            .field("message", &self.to_string())
            .field("outcome", &self.outcome())
            .field("attempts", &self.attempts())
            .field("http_status", &self.http_status())
            .field("error_code", &error_code)
            .field("retry_after", &self.retry_after())
            .field("reason", &self.reason())
            .field("request_id", &self.request_id())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_well_formed_error_codes_only() {
        let shown = |code: &str| {
            let error = Error::Api(Box::new(ErrorDetails {
                error_code: Some(code.to_owned()),
                ..ErrorDetails::new("HTTP 400", Outcome::Refused)
            }));
            assert_eq!(error.error_code(), Some(code));
            format!("{error:?}")
        };
        assert!(shown("E062108").contains("E062108"));
        assert!(!shown("ann@example.com").contains("ann"));
    }
}
