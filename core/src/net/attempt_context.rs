//! What the parts of one attempt share: its deadline, and whether bytes were sent and received.

use std::io;
use std::net::SocketAddr;
#[cfg(feature = "fuzzing")]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::call_context::CallContext;
#[cfg(feature = "fuzzing")]
use super::simulation::Simulation;
use super::transport_error::TransportError;
use super::watched_stream::WatchedStream;
use crate::events::Phase;
use crate::memory;
use crate::os::Interest;

/// The state of one attempt.
pub(crate) struct AttemptContext<'a> {
    call: CallContext<'a>,
    /// The deadline of the whole call.
    deadline: Instant,
    request_sent: AtomicBool,
    response_started: AtomicBool,
}

/// One step of an attempt. It has the deadline of the call, or an earlier one while connecting.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    attempt: &'a AttemptContext<'a>,
    deadline: Instant,
}

impl<'a> AttemptContext<'a> {
    pub(crate) fn new(call: CallContext<'a>, deadline: Instant) -> AttemptContext<'a> {
        AttemptContext {
            call,
            deadline,
            request_sent: AtomicBool::new(false),
            response_started: AtomicBool::new(false),
        }
    }

    /// A step that may take as long as the call.
    pub(crate) fn step(&'a self) -> Step<'a> {
        Step {
            attempt: self,
            deadline: self.deadline,
        }
    }

    /// Whether the deadline of the whole call has passed.
    pub(super) fn deadline_passed(&self) -> bool {
        self.deadline <= self.call.now()
    }

    /// Whether a byte of the request was sent.
    pub(super) fn request_sent(&self) -> bool {
        self.request_sent.load(Ordering::Relaxed)
    }

    /// Whether a byte of the response has arrived.
    pub(super) fn response_started(&self) -> bool {
        self.response_started.load(Ordering::Relaxed)
    }
}

impl<'a> Step<'a> {
    /// The same step with a timeout of its own, within the deadline.
    pub(super) fn with_timeout(self, timeout: Duration) -> Step<'a> {
        Step {
            deadline: self.deadline.min(self.now() + timeout),
            ..self
        }
    }

    pub(super) fn call(self) -> CallContext<'a> {
        self.attempt.call
    }

    /// Notes what the call does from now on, if it is measured.
    #[inline]
    pub(crate) fn enter(self, phase: Phase) {
        self.attempt.call.enter(phase);
    }

    pub(super) fn now(self) -> Instant {
        self.attempt.call.now()
    }

    pub(super) fn deadline(self) -> Instant {
        self.deadline
    }

    /// The time left.
    ///
    /// # Errors
    ///
    /// [`TransportError::Timeout`] if there is none.
    pub(crate) fn time_left(self) -> Result<Duration, TransportError> {
        let left = self.deadline.saturating_duration_since(self.now());
        if left.is_zero() {
            return Err(TransportError::Timeout);
        }
        Ok(left)
    }

    /// Starts to connect, without waiting.
    pub(super) fn connect(self, address: SocketAddr) -> io::Result<WatchedStream> {
        self.attempt.call.waiter().connect(address)
    }

    /// The network of the call, if it is no real one.
    #[cfg(feature = "fuzzing")]
    pub(super) fn simulation(self) -> Option<&'a Arc<Simulation>> {
        self.attempt.call.waiter().simulation()
    }

    /// How long a blocking read may take at most. `None` if the call must not block.
    pub(super) fn blocking_read_limit(self, left: Duration) -> Option<Duration> {
        self.attempt.call.waiter().blocking_read_limit(left)
    }

    /// Fails if memory has run out. Once a byte of the request was sent, the call is worth more than the reserve:
    /// then it only fails if little of that is left.
    pub(crate) fn require_memory(self) -> Result<(), TransportError> {
        let is_worth_the_rest = || self.attempt.request_sent() && !memory::is_nearly_exhausted();
        if memory::is_short() && !is_worth_the_rest() {
            return Err(TransportError::OutOfMemory);
        }
        Ok(())
    }

    /// Waits until a socket is ready or the time is over. It may return earlier.
    pub(super) fn wait(
        self,
        sockets: &mut [(&mut WatchedStream, Interest)],
        until: Instant,
    ) -> impl Future<Output = Result<(), TransportError>> {
        let has_memory = self.require_memory();
        let waiting = self.attempt.call.waiter().wait(sockets, until);
        async {
            has_memory?;
            waiting.await
        }
    }

    /// Waits until a time.
    pub(super) fn wait_until(
        self,
        until: Instant,
    ) -> impl Future<Output = Result<(), TransportError>> {
        self.attempt.call.sleep_until(until)
    }

    /// Notes that a byte of the request was sent.
    pub(crate) fn request_sent(self) {
        self.attempt.request_sent.store(true, Ordering::Relaxed);
        self.attempt.call.progress().request_sent();
    }

    /// Notes that a byte of the response has arrived.
    pub(super) fn response_started(self) {
        self.attempt.response_started.store(true, Ordering::Relaxed);
        self.enter(Phase::Read);
    }
}
