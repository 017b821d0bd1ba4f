//! One call, without I/O and without a clock: the request for an operation, what its response means, and
//! whether another attempt is allowed. Callers pass bytes and times.

mod api_error;
mod authorization;
mod match_claims;
mod project;
mod response;
mod retry;
mod session_document;
mod session_response;

pub(crate) use match_claims::match_claims;
pub(crate) use project::Project;
#[cfg(feature = "fuzzing")]
pub(crate) use project::body;
pub(crate) use response::{ApiResponse, interpret_response};
pub(crate) use retry::RetryPolicy;
pub(crate) use session_document::session_document;
pub(crate) use session_response::{SessionResponse, unusable_response};
