//! What all parts of one call share: how it waits, its clock, and how far it has come.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::task::Waker;
use std::time::{Duration, Instant, SystemTime};

use super::transport_error::TransportError;
use super::waiter::{Driver, Waiter};
use crate::status::Outcome;

/// The context of one call.
#[derive(Clone, Copy)]
pub(crate) struct CallContext<'a> {
    waiter: &'a Waiter<'a>,
    progress: &'a Progress,
}

/// How far a call has come. Whoever cancels the call reads it.
#[derive(Default)]
pub(crate) struct Progress {
    outcome: AtomicU8,
    attempts: AtomicU32,
}

const NOT_SENT: u8 = 0;
const REFUSED: u8 = 1;
const UNKNOWN: u8 = 2;

impl Progress {
    /// The outcome of the call if it ends now.
    pub(crate) fn outcome(&self) -> Outcome {
        match self.outcome.load(Ordering::Relaxed) {
            NOT_SENT => Outcome::NotSent,
            REFUSED => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }

    /// The number of attempts that were started.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Notes that an attempt starts.
    pub(crate) fn start_attempt(&self, number: u32) {
        self.attempts.store(number, Ordering::Relaxed);
    }

    /// Notes the outcome of an attempt that has failed.
    pub(crate) fn attempt_failed(&self, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::NotSent => NOT_SENT,
            Outcome::Refused => REFUSED,
            Outcome::Unknown => UNKNOWN,
        };
        self.outcome.store(outcome, Ordering::Relaxed);
    }

    /// Notes that a byte of the request was sent.
    pub(super) fn request_sent(&self) {
        self.outcome.store(UNKNOWN, Ordering::Relaxed);
    }
}

impl<'a> CallContext<'a> {
    pub(crate) fn new(waiter: &'a Waiter<'a>, progress: &'a Progress) -> CallContext<'a> {
        CallContext { waiter, progress }
    }

    /// The same call, for a step whose requests are not those of the call, such as a key fetch.
    pub(crate) fn with_progress<'b>(self, progress: &'b Progress) -> CallContext<'b>
    where
        'a: 'b,
    {
        CallContext {
            waiter: self.waiter,
            progress,
        }
    }

    pub(crate) fn progress(self) -> &'a Progress {
        self.progress
    }

    pub(super) fn waiter(self) -> &'a Waiter<'a> {
        self.waiter
    }

    pub(crate) fn now(self) -> Instant {
        self.waiter.now()
    }

    /// The time since the machine started, including the time for which it was suspended.
    pub(crate) fn time_since_boot(self) -> Duration {
        self.waiter.time_since_boot()
    }

    pub(crate) fn system_time(self) -> SystemTime {
        self.waiter.system_time()
    }

    pub(crate) fn driver(self) -> Driver {
        self.waiter.driver()
    }

    /// Ends [`CallContext::wait_until`] early.
    pub(crate) fn waker(self) -> Waker {
        self.waiter.waker()
    }

    /// Waits until a time or for the waker. It may return earlier.
    ///
    /// # Errors
    ///
    /// [`TransportError::Cancelled`] if an interruptible call was interrupted.
    pub(crate) async fn wait_until(self, until: Instant) -> Result<(), TransportError> {
        self.waiter.wait(&mut [], until).await
    }

    /// Waits until a time.
    ///
    /// # Errors
    ///
    /// [`TransportError::Cancelled`] if an interruptible call was interrupted.
    pub(crate) async fn sleep_until(self, until: Instant) -> Result<(), TransportError> {
        while self.now() < until {
            self.wait_until(until).await?;
        }
        Ok(())
    }

    /// Where a call that was checked leaves the thread that submitted it to a queue. A blocking call
    /// goes on.
    pub(crate) async fn checked(self) {
        self.waiter.return_to_driver().await;
    }
}
