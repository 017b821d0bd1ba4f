//! A connection to a server: a socket, with or without TLS, and its buffers.

use std::collections::TryReserveError;
use std::time::Duration;

use ureq::http::Uri;

use super::attempt_context::Step;
use super::origin::Origin;
use super::stream::Stream;
use super::transport_error::TransportError;

/// The size that the input buffer of a new connection gets. It holds the usual responses; with others it grows.
const INITIAL_BUFFER: usize = 1024;

/// The largest size of the buffers that an idle connection keeps: enough for a session.
const MAX_IDLE_BUFFER: usize = 4 * 1024;

/// The largest number of bytes that are received before some of them are consumed.
pub(crate) const MAX_INPUT: usize = 64 * 1024;

/// A connection that can be used for any number of requests, one after another.
pub(crate) struct Connection {
    origin: Origin,
    stream: Stream,
    /// When the connection was opened: the time since the machine started.
    opened_at: Duration,
    /// When the connection was opened or, later, when its last response was complete.
    idle_since: Duration,
    /// When the connection was opened or, later, taken for its last request.
    in_use_since: Duration,
    /// Whether there was a response.
    was_used: bool,
    output: Vec<u8>,
    input: InputBuffer,
}

/// Bytes that have arrived.
#[derive(Default)]
struct InputBuffer {
    buffer: Vec<u8>,
    consumed: usize,
    filled: usize,
}

impl Connection {
    pub(super) fn new(origin: Origin, stream: Stream, now: Duration) -> Connection {
        Connection {
            origin,
            stream,
            opened_at: now,
            idle_since: now,
            in_use_since: now,
            was_used: false,
            output: Vec::new(),
            input: InputBuffer::default(),
        }
    }

    /// Whether the connection can be used for a URL.
    pub(super) fn has_origin_of(&self, url: &Uri) -> bool {
        self.origin.matches(url)
    }

    /// The buffer for the next request.
    pub(crate) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Sends the request in the output buffer, with one system call if the kernel takes all of it.
    pub(crate) fn send(
        &mut self,
        step: Step<'_>,
    ) -> impl Future<Output = Result<(), TransportError>> {
        self.stream.send_all(&self.output, step)
    }

    /// Waits for more input. Returns false if the server has closed the connection.
    pub(crate) async fn receive(&mut self, step: Step<'_>) -> Result<bool, TransportError> {
        let buffer = self.input.spare()?;
        let amount = self.stream.receive(buffer, step).await?;
        if amount > 0 {
            self.input.filled += amount;
            step.response_started();
        }
        Ok(amount > 0)
    }

    /// The bytes that have arrived and were not consumed.
    pub(crate) fn input(&self) -> &[u8] {
        self.input.unconsumed()
    }

    pub(crate) fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
    }

    /// Whether an idle connection can be used again: the server has neither closed it nor sent anything.
    pub(super) fn is_reusable(&mut self) -> bool {
        self.stream.is_reusable()
    }

    /// Whether there was a response on the connection.
    pub(crate) fn was_used(&self) -> bool {
        self.was_used
    }

    /// How long the connection has been open.
    pub(crate) fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.opened_at)
    }

    /// How long the connection has been idle.
    pub(super) fn idle_time(&self, now: Duration) -> Duration {
        now.saturating_sub(self.idle_since)
    }

    /// How long a connection that is in use has been used. That includes the time for which the machine was
    /// suspended.
    pub(crate) fn use_time(&self, now: Duration) -> Duration {
        now.saturating_sub(self.in_use_since)
    }

    /// Notes that the connection is used from now on.
    pub(super) fn mark_in_use(&mut self, now: Duration) {
        self.in_use_since = now;
    }

    /// Takes the connection out of the poller of the call that has used it.
    pub(crate) fn stop_watching(&mut self) {
        self.stream.socket().stop_watching();
    }

    /// Notes that the connection is idle from now on. Buffers that have grown are freed.
    pub(super) fn mark_idle(&mut self, now: Duration) {
        self.idle_since = now;
        self.was_used = true;
        self.stream.socket().mark_idle();
        if self.input.buffer.len() > MAX_IDLE_BUFFER {
            self.input = InputBuffer::default();
        }
        if self.output.capacity() > MAX_IDLE_BUFFER {
            self.output = Vec::new();
        }
    }
}

impl InputBuffer {
    fn unconsumed(&self) -> &[u8] {
        self.buffer
            .get(self.consumed..self.filled)
            .unwrap_or_default()
    }

    fn consume(&mut self, amount: usize) {
        self.consumed = (self.consumed + amount).min(self.filled);
    }

    /// Space for more bytes. Empty if [`MAX_INPUT`] bytes are waiting.
    fn spare(&mut self) -> Result<&mut [u8], TryReserveError> {
        if self.consumed == self.filled {
            (self.consumed, self.filled) = (0, 0);
        }
        if self.filled == self.buffer.len() {
            if self.consumed > 0 {
                self.buffer.copy_within(self.consumed..self.filled, 0);
                (self.consumed, self.filled) = (0, self.filled - self.consumed);
            } else {
                let size = (self.buffer.len() * 2).clamp(INITIAL_BUFFER, MAX_INPUT);
                self.buffer.try_reserve_exact(size - self.filled)?;
                self.buffer.resize(size, 0);
            }
        }
        Ok(self.buffer.get_mut(self.filled..).unwrap_or_default())
    }
}
