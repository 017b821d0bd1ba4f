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

/// Whether the name of a header is this one, which consists of lower-case letters and hyphens.
///
/// Names consist of the characters of a token (RFC 9110, 5.6.2). Of these, only the capital letter becomes
/// another character that is in `known` by this bit, and the comparison costs a quarter of one that any text is
/// allowed in.
fn is_header(name: &str, known: &str) -> bool {
    const LOWER_CASE: u8 = 0x20;
    let same = |(byte, known): (u8, u8)| byte | LOWER_CASE == known;
    name.len() == known.len() && name.bytes().zip(known.bytes()).all(same)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_in_upper_and_lower_case_and_no_other_is_taken_for_it() {
        assert!(is_header("Content-LENGTH", "content-length"));
        assert!(!is_header("content-length2", "content-length"));
        let is_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        for name in (0..=u8::MAX).filter(is_token).map(char::from) {
            for known in ('a'..='z').chain(['-']) {
                let expected = name.eq_ignore_ascii_case(&known);
                let found = is_header(&name.to_string(), &known.to_string());
                assert_eq!(found, expected, "{name} {known}");
            }
        }
    }
}
