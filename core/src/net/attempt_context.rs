//! What the parts of one attempt share: its deadlines, and whether bytes were sent and received.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::transport_error::TransportError;

/// The state of one attempt.
pub(crate) struct AttemptContext {
    /// The deadline of the whole call.
    deadline: Instant,
    /// The deadline of the current step: that of the call, or an earlier one while connecting.
    step_deadline: Cell<Instant>,
    request_sent: Cell<bool>,
    response_started: Cell<bool>,
}

impl AttemptContext {
    pub(crate) fn new(deadline: Instant) -> AttemptContext {
        AttemptContext {
            deadline,
            step_deadline: Cell::new(deadline),
            request_sent: Cell::new(false),
            response_started: Cell::new(false),
        }
    }

    /// Runs a step with a timeout of its own, within the deadline of the call.
    pub(super) fn with_timeout<T>(&self, timeout: Duration, step: impl FnOnce() -> T) -> T {
        let step_deadline = self.deadline.min(Instant::now() + timeout);
        self.step_deadline.set(step_deadline);
        let result = step();
        self.step_deadline.set(self.deadline);
        result
    }

    /// The time left for the current step.
    ///
    /// # Errors
    ///
    /// [`TransportError::Timeout`] if there is none.
    pub(crate) fn time_left(&self) -> Result<Duration, TransportError> {
        let left = self
            .step_deadline
            .get()
            .saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(TransportError::Timeout);
        }
        Ok(left)
    }

    /// Whether the deadline of the whole call has passed.
    pub(super) fn deadline_passed(&self) -> bool {
        self.deadline <= Instant::now()
    }

    /// Notes that a byte of the request was sent.
    pub(super) fn mark_request_sent(&self) {
        self.request_sent.set(true);
    }

    /// Notes that a byte of the response has arrived.
    pub(super) fn mark_response_started(&self) {
        self.response_started.set(true);
    }

    /// Whether a byte of the request was sent.
    pub(crate) fn request_sent(&self) -> bool {
        self.request_sent.get()
    }

    /// Whether a byte of the response has arrived.
    pub(super) fn response_started(&self) -> bool {
        self.response_started.get()
    }
}
