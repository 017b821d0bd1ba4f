//! Requests, and the bytes that are sent for them.

use std::borrow::Cow;
use std::collections::TryReserveError;

use ureq::http::Uri;

/// The largest size of the `Content-Length` header and the empty line after it.
const MAX_CONTENT_LENGTH_HEADER: usize = 64;

/// An HTTP method. A POST has a body, the others have none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

/// A request, ready to be sent.
pub(crate) struct HttpRequest<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Uri,
    /// The request line and all headers except `Content-Length`, without the empty line at the end.
    pub(crate) head: Cow<'a, str>,
    /// The body of a POST.
    pub(crate) body: Option<Vec<u8>>,
}

impl HttpRequest<'_> {
    /// Writes head and body into one buffer, so that they are sent together.
    ///
    /// # Errors
    ///
    /// There is no memory for them.
    pub(crate) fn write_to(&self, output: &mut Vec<u8>) -> Result<(), TryReserveError> {
        let body = self.body.as_deref();
        output.clear();
        let length = self.head.len() + body.map_or(0, <[u8]>::len) + MAX_CONTENT_LENGTH_HEADER;
        output.try_reserve(length)?;
        output.extend_from_slice(self.head.as_bytes());
        if let Some(body) = body {
            output.extend_from_slice(b"content-length: ");
            output.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
            output.extend_from_slice(b"\r\n");
        }
        output.extend_from_slice(b"\r\n");
        output.extend_from_slice(body.unwrap_or_default());
        Ok(())
    }
}
