//! When a call tries again, and how long it waits before: never where a message may have been sent.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::answer;
use crate::error::Error;
use crate::journal;
use crate::status::Outcome;

/// What is waited before the second attempt.
const FIRST_DELAY: Duration = Duration::from_millis(100);

/// What is waited, give or take a fifth, before each later one.
const NEXT_DELAY: Duration = Duration::from_millis(1_000);

/// The attempts of one call.
pub(crate) struct Retries {
    deadline: Instant,
    max_attempts: u32,
    /// Whether what the edge says it has not passed on may be sent again.
    is_repeatable: bool,
    done: u32,
}

impl Retries {
    pub(crate) fn new(deadline: Instant, max_attempts: u32, is_repeatable: bool) -> Retries {
        Retries {
            deadline,
            max_attempts,
            is_repeatable,
            done: 0,
        }
    }

    /// How many attempts have failed.
    pub(crate) fn done(&self) -> u32 {
        self.done
    }

    pub(crate) fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// After a failed attempt: waits until the next one is due, or hands the error back for good.
    pub(crate) fn wait_or_give_up(&mut self, error: Error) -> Result<(), Error> {
        self.done += 1;
        let delay = self.delay().max(asked_for(&error));
        let left = self.deadline.saturating_duration_since(Instant::now());
        if self.done >= self.max_attempts || !self.is_safe_to_repeat(&error) || delay >= left {
            return Err(error.after_attempts(self.done));
        }
        journal::again(&error, delay);
        std::thread::sleep(delay);
        Ok(())
    }

    /// Whether the service certainly did not see, or did not act on, the request, and might next time.
    fn is_safe_to_repeat(&self, error: &Error) -> bool {
        match error {
            Error::Network(failure) | Error::Timeout(failure) => {
                failure.outcome == Outcome::NotSent && !failure.is_final
            }
            Error::Api(refusal) => self.is_repeatable && answer::is_unseen(refusal.http_status),
            _ => false,
        }
    }

    fn delay(&self) -> Duration {
        match self.done {
            0 | 1 => FIRST_DELAY,
            _ => {
                let random = RandomState::new().hash_one(self.done) % 400;
                NEXT_DELAY * 4 / 5 + Duration::from_millis(random)
            }
        }
    }
}

/// How long the service itself asks to be left alone.
fn asked_for(error: &Error) -> Duration {
    Duration::from_secs(error.retry_after().unwrap_or(0))
}
