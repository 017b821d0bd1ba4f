//! HTTP/1.1 without I/O: requests as bytes, and a parser that is fed with bytes.
//!
//! `ureq-proto` parses responses. The fast path parses the usual ones at a fraction of the cost, and
//! leaves all others to it.

mod fast_path;
mod parser;
mod request;
mod response;
mod retry_after;

use std::collections::TryReserveError;

use thiserror::Error;
use ureq_proto::client::MAX_RESPONSE_HEADERS;

pub(crate) use parser::ResponseParser;
pub(crate) use request::{HttpRequest, Method};
pub(crate) use response::{HttpResponse, ResponseHeaders};
pub(crate) use retry_after::parse_retry_after;

/// The largest head of a response, in bytes.
pub(crate) const MAX_HEAD: usize = 64 << 10;

/// The largest body of a response, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Why a response cannot be parsed.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum HttpError {
    #[error("the response is not valid HTTP")]
    Invalid,
    #[error("the response headers exceed the limit of {} KiB", MAX_HEAD >> 10)]
    HeadTooLarge,
    #[error("the response has more than {MAX_RESPONSE_HEADERS} headers")]
    TooManyHeaders,
    #[error("the response body exceeds the limit of {} MiB", MAX_BODY >> 20)]
    BodyTooLarge,
    /// The input ended too early. The text that callers see depends on whether anything has arrived: it is
    /// that of a closed connection.
    #[error("the response is incomplete")]
    Incomplete,
    /// There was no memory for the response.
    #[error("out of memory")]
    OutOfMemory,
}

impl From<TryReserveError> for HttpError {
    fn from(_: TryReserveError) -> HttpError {
        HttpError::OutOfMemory
    }
}
