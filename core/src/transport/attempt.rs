//! What the layers of one attempt share: its time, and whether bytes have gone out and come in.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::fault::Fault;

/// The facts of one attempt.
pub(super) struct Attempt {
    deadline: Instant,
    /// Until when the step that is under way may take: the deadline, or less while connecting.
    limit: Cell<Instant>,
    /// Whether a byte of the request has gone out.
    sent: Cell<bool>,
    /// Whether a byte of the answer has come in.
    answered: Cell<bool>,
}

impl Attempt {
    pub(super) fn new(deadline: Instant) -> Attempt {
        Attempt {
            deadline,
            limit: Cell::new(deadline),
            sent: Cell::new(false),
            answered: Cell::new(false),
        }
    }

    /// Gives what `work` does so much time at the most, within the deadline.
    pub(super) fn within<T>(&self, time: Duration, work: impl FnOnce() -> T) -> T {
        self.limit.set(self.deadline.min(Instant::now() + time));
        let result = work();
        self.limit.set(self.deadline);
        result
    }

    /// How long the step that is under way may still take.
    ///
    /// # Errors
    ///
    /// [`Fault::Time`] when its time is over.
    pub(super) fn time_left(&self) -> Result<Duration, Fault> {
        let left = self.limit.get().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Fault::Time);
        }
        Ok(left)
    }

    /// Whether the deadline of the whole call has passed.
    pub(super) fn is_over(&self) -> bool {
        self.deadline <= Instant::now()
    }

    /// Notes that a byte of the request has gone out.
    pub(super) fn mark_sent(&self) {
        self.sent.set(true);
    }

    /// Notes that a byte of the answer has come in.
    pub(super) fn mark_answered(&self) {
        self.answered.set(true);
    }

    /// Whether a byte of the request has gone out.
    pub(super) fn was_sent(&self) -> bool {
        self.sent.get()
    }

    /// Whether a byte of the answer has come in.
    pub(super) fn was_answered(&self) -> bool {
        self.answered.get()
    }
}
