//! Requests, and the bytes that are sent for them.

use std::borrow::Cow;

use ureq::http::Uri;

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
    pub(crate) body: Option<String>,
}

impl HttpRequest<'_> {
    /// Writes head and body into one buffer, so that they are sent together.
    pub(crate) fn write_to(&self, output: &mut Vec<u8>) {
        let body = self.body.as_deref();
        output.clear();
        output.extend_from_slice(self.head.as_bytes());
        if let Some(body) = body {
            output.extend_from_slice(b"content-length: ");
            output.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
            output.extend_from_slice(b"\r\n");
        }
        output.extend_from_slice(b"\r\n");
        output.extend_from_slice(body.unwrap_or_default().as_bytes());
    }
}
