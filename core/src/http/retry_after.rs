//! The `Retry-After` header (RFC 9110, 10.2.3).

use std::time::SystemTime;

/// Upper limit of the result, in seconds. It fits into the integers of every language.
const MAX_RETRY_AFTER_SECS: u64 = i32::MAX as u64;

/// Parses a number of seconds or an HTTP date. Returns the number of seconds from `now`, rounded up.
pub(crate) fn parse_retry_after(value: &str, now: SystemTime) -> Option<u64> {
    let value = value.trim();
    let seconds = match value.parse() {
        Ok(seconds) => seconds,
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            let left = date.duration_since(now).unwrap_or_default();
            left.as_secs() + u64::from(left.subsec_nanos() > 0)
        }
    };
    Some(seconds.min(MAX_RETRY_AFTER_SECS))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn seconds_and_dates_become_seconds_from_now() {
        let now = UNIX_EPOCH + Duration::from_millis(784_111_777_000 - 2_500);
        let parse = |value| parse_retry_after(value, now);
        assert_eq!(parse(" 30 "), Some(30));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(3));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0));
        assert_eq!(parse("99999999999"), Some(MAX_RETRY_AFTER_SECS));
        assert_eq!(parse("soon"), None);
    }
}
