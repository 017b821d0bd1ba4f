//! When a call is tried again, and after which delay. Only requests that the service certainly has not
//! processed are repeated.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use super::api_error::{REQUEST_TIMEOUT, never_reached_service};
use crate::error::Error;
use crate::logging::HeldLines;
use crate::net::Reuse;
use crate::operations::Repeat;
use crate::status::Outcome;

/// The delay before the second attempt.
const FIRST_DELAY: Duration = Duration::from_millis(100);

/// The delay before each later attempt, plus or minus a fifth.
const LATER_DELAY: Duration = Duration::from_millis(1_000);

/// Whether another attempt is allowed at a time. It counts then.
pub(crate) type TakeRetry<'a> = &'a (dyn Fn(Instant) -> bool + Sync);

/// The rules for one call.
pub(crate) struct RetryPolicy<'a> {
    pub(crate) max_attempts: u32,
    pub(crate) repeat: Repeat,
    pub(crate) deadline: Instant,
    /// What else limits the attempts after the first one.
    pub(crate) take_retry: Option<TakeRetry<'a>>,
    /// The log lines of the request, if other calls may wait for its answer.
    pub(crate) held_lines: Option<&'a HeldLines<'a>>,
}

impl RetryPolicy<'_> {
    /// The delay before the next attempt, after so many attempts that failed. `None` if the error is
    /// final.
    pub(crate) fn next_delay(
        &self,
        error: &Error,
        failed_attempts: u32,
        now: Instant,
    ) -> Option<Duration> {
        if self.is_final(error, failed_attempts) {
            return None;
        }
        let requested = Duration::from_secs(error.retry_after().unwrap_or(0));
        let delay = delay_after(failed_attempts).max(requested);
        let left = self.deadline.saturating_duration_since(now);
        let is_allowed = delay < left
            && self
                .take_retry
                .is_none_or(|take_retry| take_retry(now + delay));
        is_allowed.then_some(delay)
    }

    /// Whether there is no other attempt after so many that failed, however much time is left.
    pub(crate) fn is_final(&self, error: &Error, failed_attempts: u32) -> bool {
        failed_attempts >= self.max_attempts || !self.is_retryable(error)
    }

    /// Whether the attempt after this error may use a connection that is open.
    pub(crate) fn reuse_after(error: &Error) -> Reuse {
        match error.http_status() {
            Some(REQUEST_TIMEOUT) => Reuse::Forbidden,
            _ => Reuse::Allowed,
        }
    }

    /// Whether the service certainly has not processed the request, and another attempt may succeed.
    fn is_retryable(&self, error: &Error) -> bool {
        match error {
            Error::Network(details) | Error::Timeout(details) => {
                details.outcome == Outcome::NotSent && !details.is_permanent
            }
            Error::Api(details) => {
                self.repeat == Repeat::Allowed
                    && details.http_status.is_some_and(never_reached_service)
            }
            _ => false,
        }
    }
}

fn delay_after(failed_attempts: u32) -> Duration {
    if failed_attempts <= 1 {
        return FIRST_DELAY;
    }
    // A child process has the random keys of its parent, and shall not repeat at the same moment.
    let seed = (failed_attempts, std::process::id());
    let jitter = RandomState::new().hash_one(seed) % 400;
    LATER_DELAY * 4 / 5 + Duration::from_millis(jitter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorDetails;

    fn delay(error: &Error, failed_attempts: u32, repeat: Repeat) -> Option<Duration> {
        let now = Instant::now();
        let policy = RetryPolicy {
            max_attempts: 3,
            repeat,
            deadline: now + Duration::from_secs(10),
            take_retry: None,
            held_lines: None,
        };
        policy.next_delay(error, failed_attempts, now)
    }

    fn http_error(status: u16, retry_after: Option<u64>) -> Error {
        Error::Api(Box::new(ErrorDetails {
            http_status: Some(status),
            retry_after,
            ..ErrorDetails::new("", Outcome::Refused)
        }))
    }

    #[test]
    fn only_requests_that_were_certainly_not_processed_are_repeated() {
        let not_sent = Error::network("", Outcome::NotSent);
        assert_eq!(delay(&not_sent, 1, Repeat::Forbidden), Some(FIRST_DELAY));
        let unknown = Error::network("", Outcome::Unknown);
        assert_eq!(delay(&unknown, 1, Repeat::Allowed), None);
        for status in [408, 503, 521, 522, 530] {
            let error = http_error(status, None);
            assert_eq!(delay(&error, 1, Repeat::Allowed), Some(FIRST_DELAY));
            assert_eq!(delay(&error, 1, Repeat::Forbidden), None);
        }
        for status in [400, 429, 500, 520, 524] {
            assert_eq!(delay(&http_error(status, None), 1, Repeat::Allowed), None);
        }
    }

    #[test]
    fn attempts_retry_after_and_the_deadline_limit_the_repetition() {
        let not_sent = Error::network("", Outcome::NotSent);
        let second = delay(&not_sent, 2, Repeat::Allowed).unwrap();
        assert!((LATER_DELAY * 4 / 5..LATER_DELAY * 6 / 5).contains(&second));
        assert_eq!(delay(&not_sent, 3, Repeat::Allowed), None);
        let in_2_seconds = delay(&http_error(503, Some(2)), 1, Repeat::Allowed);
        assert_eq!(in_2_seconds, Some(Duration::from_secs(2)));
        assert_eq!(delay(&http_error(503, Some(10)), 1, Repeat::Allowed), None);
    }
}
