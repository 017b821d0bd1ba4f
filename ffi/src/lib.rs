//! libdescope_ml: the C ABI over `descope-ml-core`.
//!
//! This crate converts and nothing else: pointers to text, results to statuses and documents. One
//! file per group of functions; [`boundary`] is where every call comes in and goes out. The header
//! `include/descope_ml.h` is written from the documentation comments here.

#![allow(
    clippy::missing_safety_doc,
    reason = "what a caller must keep to is in the header: in each function's block, and in preamble.h for all"
)]

mod boundary;
mod call;
mod client;
mod json;
mod library;
mod logging;
mod magiclink;
#[cfg(test)]
mod properties;
mod session;
mod status;
mod test_users;

pub use call::*;
pub use client::*;
pub use json::*;
pub use library::*;
pub use logging::*;
pub use magiclink::*;
pub use session::*;
pub use status::*;
pub use test_users::*;
