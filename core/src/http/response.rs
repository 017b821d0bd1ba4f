//! Responses: the status, the headers that the library uses, and the body.

use crate::error::Error;

/// A response.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: ResponseHeaders,
    /// The body, or why it could not be received.
    pub(crate) body: Result<Vec<u8>, Error>,
}

/// The headers that the library uses.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct ResponseHeaders {
    pub(crate) retry_after: Option<String>,
    /// `cf-ray`: the ID of the request at the edge of the service.
    pub(crate) request_id: Option<String>,
    /// The values of `Set-Cookie`.
    pub(crate) cookies: Vec<String>,
    /// Whether there is a `Content-Encoding` other than `identity`. The library never asks for one.
    pub(crate) is_compressed: bool,
}

impl ResponseHeaders {
    /// Adds a header, if the library uses it. The first valid value counts. Cookies are collected, and any
    /// `Content-Encoding` except `identity` counts as compression.
    pub(crate) fn add(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("retry-after") {
            self.retry_after = self.retry_after.take().or_else(|| to_text(value));
        } else if is("cf-ray") {
            let id = || to_text(value).filter(|id| is_request_id(id));
            self.request_id = self.request_id.take().or_else(id);
        } else if is("set-cookie") {
            self.cookies.extend(to_text(value));
        } else if is("content-encoding") {
            self.is_compressed |= value != b"identity";
        }
    }
}

/// The value of a header as a string. `None` unless it is printable ASCII.
fn to_text(value: &[u8]) -> Option<String> {
    let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    is_text.then(|| String::from_utf8_lossy(value).into_owned())
}

/// Whether a text has the form of a request ID, such as `8f2a6c1d0b3e4f5a-WAW`. Error messages contain
/// the ID, so it must not be a text that could quote the request.
fn is_request_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}
