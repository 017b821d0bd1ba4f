//! One call, from the request document to the response document: the keys that it may need, its attempts,
//! their delays, its deadline. A call does no I/O and reads no clock itself: connections, waits and times
//! come from `net`, so the same code runs blocking calls and those of a queue.

mod api_error;
mod authorization;
mod engine;
mod execute;
#[cfg(feature = "fuzzing")]
mod fuzzing;
mod http_exchange;
mod key_fetch;
mod key_requests;
mod local_operations;
mod match_claims;
mod new_session;
mod project;
mod project_keys;
mod projects;
mod response;
mod retry;
mod send_shared;
mod send_with_retries;
mod service_clock;
mod session_document;
mod session_response;
mod shared_requests;
mod verify_token;

pub(crate) use engine::{Engine, WARM_UP};
#[cfg(feature = "fuzzing")]
pub(crate) use project::body;
#[cfg(feature = "fuzzing")]
pub(crate) use response::{ApiResponse, interpret_response};
