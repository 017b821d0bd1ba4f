//! The `Date` header of a response: the time of the emulator's clock, unless a fault makes it wrong.

use std::time::{Duration, UNIX_EPOCH};

use crate::domain::clock::MAX_SECONDS;
use crate::domain::duration::parse_signed_duration;

/// What the `Date` header of a response says. A fault makes it an extension of the response.
#[derive(Clone, Copy)]
pub(super) enum DateHeader {
    /// How far it is ahead of the emulator's clock, in milliseconds.
    Ahead(i64),
    /// The response has no `Date` header.
    Missing,
}

impl Default for DateHeader {
    /// The right time.
    fn default() -> DateHeader {
        DateHeader::Ahead(0)
    }
}

impl DateHeader {
    pub(super) fn parse(text: &str) -> Result<DateHeader, String> {
        match text {
            "none" => Ok(DateHeader::Missing),
            _ => parse_signed_duration(text)
                .map(DateHeader::Ahead)
                .map_err(|problem| format!("`date` must be `none` or a duration: {problem}")),
        }
    }

    /// The value of the header. `now` is in seconds since 1970. The date is never outside the range of the
    /// emulator's clock.
    pub(super) fn value(self, now: u64) -> Option<String> {
        let DateHeader::Ahead(ahead_ms) = self else {
            return None;
        };
        let millis = i64::try_from(now.saturating_mul(1000)).unwrap_or(i64::MAX);
        let seconds = u64::try_from(millis.saturating_add(ahead_ms)).unwrap_or_default() / 1000;
        let time = UNIX_EPOCH + Duration::from_secs(seconds.min(MAX_SECONDS));
        Some(httpdate::fmt_http_date(time))
    }
}
