//! What is known about a call that failed, and the message.

use std::borrow::Cow;
use std::fmt;

use super::reason::Reason;
use crate::status::Outcome;

/// Ends the message of an error whose outcome is [`Outcome::Unknown`]. Exceptions: an error with a context,
/// which says itself that the service has processed the request, and [`Error::Internal`].
const OUTCOME_UNKNOWN_NOTE: &str = "; the service may have processed the request";

/// What is known about a call that failed. Read it through the methods of [`Error`].
#[derive(Clone)]
pub struct ErrorDetails {
    /// What was being done, if that is not clear from the cause: text before the cause.
    pub(crate) context: Option<&'static str>,
    /// The cause, and what to do about it.
    pub(crate) cause: Cow<'static, str>,
    pub(crate) outcome: Outcome,
    pub(crate) attempts: u32,
    pub(crate) reason: Option<Reason>,
    pub(crate) http_status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_description: Option<String>,
    pub(crate) error_message: Option<String>,
    /// In seconds.
    pub(crate) retry_after: Option<u64>,
    /// Whether another attempt would certainly fail in the same way.
    pub(crate) is_permanent: bool,
    /// Whether a call with more time would have tried again.
    pub(crate) lacked_time: bool,
}

impl ErrorDetails {
    pub(crate) fn new(cause: impl Into<Cow<'static, str>>, outcome: Outcome) -> ErrorDetails {
        ErrorDetails {
            context: None,
            cause: cause.into(),
            outcome,
            attempts: 0,
            reason: None,
            http_status: None,
            request_id: None,
            error_code: None,
            error_description: None,
            error_message: None,
            retry_after: None,
            is_permanent: false,
            lacked_time: false,
        }
    }

    /// The error code of the service, if it has the form of one. Any other text may quote the request.
    pub(crate) fn well_formed_error_code(&self) -> Option<&str> {
        self.error_code
            .as_deref()
            .filter(|code| is_error_code(code))
    }
}

impl fmt::Display for ErrorDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.context {
            Some(context) => write!(f, "{context}: {}", self.cause),
            None => {
                f.write_str(&self.cause)?;
                match self.outcome {
                    Outcome::Unknown => f.write_str(OUTCOME_UNKNOWN_NOTE),
                    Outcome::NotSent | Outcome::Refused => Ok(()),
                }
            }
        }
    }
}

impl fmt::Debug for ErrorDetails {
    /// Leaves out the texts of the service, which may quote the login ID.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorDetails")
            .field("http_status", &self.http_status)
            .field("error_code", &self.well_formed_error_code())
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// Whether a text has the form of an error code of the service, such as `E062108`. Only then it is
/// safe to repeat it in a message.
pub(crate) fn is_error_code(text: &str) -> bool {
    let digits = text.strip_prefix('E').unwrap_or_default();
    (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
