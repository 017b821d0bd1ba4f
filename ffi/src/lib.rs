//! libdescope_ml: the C ABI over `descope-ml-core`.
//!
//! This crate only converts: pointers to text, results to statuses and documents. Each file has one
//! group of functions. cbindgen writes `include/descope_ml.h` from the doc comments here.
//!
//! Layers, from the top. A module imports only from layers below its own.
//!
//! - `property_tests`: any input is safe
//! - `magiclink`, `session`, `management`, `test_users`: one function per operation, with the default client
//! - `cleanup`: releases what the library keeps
//! - `queue`: calls that do not block
//! - `events`, `logging`: callbacks for the events and the log lines of calls
//! - `client`, `default_client`, `json`, `version`: the other functions
//! - `boundary`: runs the body of a call, returns its result
//! - `callbacks`: the userdata of callbacks
//! - `cancellation`: no thread is cancelled in a call
//! - `document`: the document that a function returns
//! - `panics`, `pointers`: the panic hook; C strings and out-parameters
//! - `status`: status codes
//! - `allocator`: memory for the whole library
//! - `reserve`: memory for when the system has none left

#![allow(
    clippy::missing_safety_doc,
    reason = "the header states the requirements: in the comment of each function, and in preamble.h for all"
)]

mod allocator;
mod boundary;
mod callbacks;
mod cancellation;
mod cleanup;
mod client;
mod default_client;
mod document;
mod events;
mod json;
mod logging;
mod magiclink;
mod management;
mod panics;
mod pointers;
#[cfg(test)]
mod property_tests;
mod queue;
mod reserve;
mod session;
mod status;
mod test_users;
mod version;

pub use cleanup::*;
pub use client::*;
pub use default_client::*;
pub use events::*;
pub use json::*;
pub use logging::*;
pub use magiclink::*;
pub use management::*;
pub use queue::*;
pub use session::*;
pub use status::*;
pub use test_users::*;
pub use version::*;
