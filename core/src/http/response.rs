//! Responses: the status, the headers that the library uses, and the body.

use std::time::{Duration, SystemTime};

use super::is_header;
use crate::error::Error;

/// A response.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: ResponseHeaders,
    /// The body, or why it could not be received.
    pub(crate) body: Result<Vec<u8>, Error>,
    /// Whether it is the first response on its connection.
    pub(crate) is_first: bool,
    /// How long ago it was made at most. That includes the time for which the machine was suspended.
    pub(crate) max_age: Duration,
}

/// The length of a date in the form that servers must send (IMF-fixdate; RFC 9110, 5.6.7).
const DATE_LEN: usize = 29;

/// The headers that the library uses.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct ResponseHeaders {
    pub(crate) retry_after: Option<String>,
    /// `cf-ray`: the ID of the request at the edge of the service.
    pub(crate) request_id: Option<String>,
    /// The values of `Set-Cookie`.
    pub(crate) cookies: Vec<String>,
    /// Whether there is a `Content-Encoding` other than `identity`. The library never asks for one.
    pub(crate) is_compressed: bool,
    /// `Date`: when the response was made, by the clock of the service. It is parsed when it is needed.
    pub(super) date: Option<[u8; DATE_LEN]>,
    /// `Age`, in seconds: the response comes from a cache, and was made that much earlier. `None` without a
    /// valid value.
    pub(super) age: Option<Option<u32>>,
}

impl ResponseHeaders {
    /// Adds a header, if the library uses it. The first valid value counts. Cookies are collected, and any
    /// `Content-Encoding` except `identity` counts as compression.
    pub(crate) fn add(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| is_header(name, known);
        if is("retry-after") {
            self.retry_after = self.retry_after.take().or_else(|| to_text(value));
        } else if is("cf-ray") {
            let id = || to_text(value).filter(|id| is_request_id(id));
            self.request_id = self.request_id.take().or_else(id);
        } else if is("set-cookie") {
            self.cookies.extend(to_text(value));
        } else if is("content-encoding") {
            self.is_compressed |= value != b"identity";
        } else if is("date") {
            self.date = self.date.or_else(|| value.try_into().ok());
        } else if is("age") {
            let seconds = std::str::from_utf8(value)
                .ok()
                .and_then(|age| age.parse().ok());
            self.age = Some(seconds);
        }
    }

    /// The time by the clock of the service: `Date`, and the time since then in a cache. `None` if that is
    /// missing or invalid.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        let age = Duration::from_secs(self.age.unwrap_or(Some(0))?.into());
        let date = httpdate::parse_http_date(std::str::from_utf8(&self.date?).ok()?).ok()?;
        date.checked_add(age)
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

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn date_of(headers: &[(&str, &str)]) -> Option<u64> {
        let mut all = ResponseHeaders::default();
        for (name, value) in headers {
            all.add(name, value.as_bytes());
        }
        let since_1970 = all.date()?.duration_since(UNIX_EPOCH);
        since_1970.ok().as_ref().map(Duration::as_secs)
    }

    #[test]
    fn the_time_in_a_cache_is_added_to_the_date() {
        let date = ("DATE", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date_of(&[date]), Some(784_111_777));
        assert_eq!(date_of(&[date, ("Age", "60")]), Some(784_111_837));
        assert_eq!(date_of(&[date, ("Age", "old")]), None);
        for invalid in [
            "",
            "now",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 99:49:37 GMT",
        ] {
            assert_eq!(date_of(&[("date", invalid)]), None);
        }
    }
}
