//! A connection to a server: a bare socket or TLS over one, and the buffers that it keeps.

use std::time::{Duration, Instant};

use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};

use super::attempt::Attempt;
use super::fault::Fault;
use super::socket::Socket;
use super::tls::Tls;

/// The size that the buffers begin with and go back to.
const SIZE: usize = 8 * 1024;

/// The largest input buffer.
const LARGEST: usize = 64 * 1024;

/// Where a connection leads: scheme, host and port.
#[derive(Clone)]
pub(super) struct Target {
    is_https: bool,
    authority: Option<Authority>,
}

/// What carries the bytes.
pub(super) enum Wire {
    Plain(Socket),
    Tls(Box<Tls>),
}

/// A connection that can be used for one exchange after another.
pub(super) struct Connection {
    target: Target,
    wire: Wire,
    /// When it was made or, after that, answered a request.
    last_used: Instant,
    /// Where a request is put together.
    pub(super) output: Vec<u8>,
    pub(super) input: Input,
}

/// What has come in.
#[derive(Default)]
pub(super) struct Input {
    buffer: Vec<u8>,
    consumed: usize,
    filled: usize,
}

impl Target {
    pub(super) fn of(uri: &Uri) -> Target {
        Target {
            is_https: uri.scheme() == Some(&Scheme::HTTPS),
            authority: uri.authority().cloned(),
        }
    }

    /// Whether an address leads there.
    pub(super) fn is_of(&self, uri: &Uri) -> bool {
        self.is_https == (uri.scheme() == Some(&Scheme::HTTPS))
            && self.authority.as_ref().map(Authority::as_str)
                == uri.authority().map(Authority::as_str)
    }
}

impl Wire {
    /// Waits for input and reads it; zero is the end.
    fn receive(&mut self, buffer: &mut [u8], attempt: &Attempt) -> Result<usize, Fault> {
        match self {
            Wire::Plain(socket) => socket.receive(buffer, attempt),
            Wire::Tls(tls) => tls.receive(buffer, attempt),
        }
    }
}

impl Connection {
    pub(super) fn new(target: Target, wire: Wire) -> Connection {
        Connection {
            target,
            wire,
            last_used: Instant::now(),
            output: Vec::new(),
            input: Input::default(),
        }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Sends what has been put together in `output`, in one system call where the kernel takes it.
    pub(super) fn send(&mut self, attempt: &Attempt) -> Result<(), Fault> {
        match &mut self.wire {
            Wire::Plain(socket) => socket.send_all(&self.output, attempt),
            Wire::Tls(tls) => tls.send_all(&self.output, attempt),
        }
    }

    /// Waits for more input; false at its end.
    pub(super) fn receive(&mut self, attempt: &Attempt) -> Result<bool, Fault> {
        let amount = self.wire.receive(self.input.room(), attempt)?;
        if amount > 0 {
            self.input.filled += amount;
            attempt.mark_answered();
        }
        Ok(amount > 0)
    }

    /// The next bytes of the input, so many, of which some may have come in already.
    pub(super) fn receive_exactly(
        &mut self,
        length: usize,
        attempt: &Attempt,
    ) -> Result<Vec<u8>, Fault> {
        let there = self.input.bytes();
        let there = there.get(..length).unwrap_or(there);
        let mut filled = there.len();
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(there);
        self.input.consume(filled);
        bytes.resize(length, 0);
        while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
            let amount = self.wire.receive(room, attempt)?;
            if amount == 0 {
                return Err(Fault::Ended);
            }
            filled += amount;
        }
        Ok(bytes)
    }

    /// Whether an idle connection is still good: the server has neither closed it nor sent anything
    /// unasked.
    pub(super) fn is_quiet(&mut self) -> bool {
        match &mut self.wire {
            Wire::Plain(socket) => socket.is_quiet(),
            Wire::Tls(tls) => tls.is_quiet(),
        }
    }

    /// How long it has been idle.
    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last_used)
    }

    /// Begins to be idle, and gives back what a large request or answer took.
    pub(super) fn rest(&mut self) {
        self.last_used = Instant::now();
        if self.input.buffer.len() > SIZE {
            self.input = Input::default();
        }
        if self.output.capacity() > SIZE {
            self.output = Vec::new();
        }
    }
}

impl Input {
    /// What has come in and not been consumed.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer
            .get(self.consumed..self.filled)
            .unwrap_or_default()
    }

    pub(super) fn consume(&mut self, amount: usize) {
        self.consumed = (self.consumed + amount).min(self.filled);
    }

    /// Whether no more can come in before some of it is consumed.
    pub(super) fn is_full(&self) -> bool {
        self.filled - self.consumed >= LARGEST
    }

    /// Where more can be put; empty when the buffer is full.
    fn room(&mut self) -> &mut [u8] {
        if self.consumed == self.filled {
            (self.consumed, self.filled) = (0, 0);
        }
        if self.filled == self.buffer.len() {
            if self.consumed > 0 {
                self.buffer.copy_within(self.consumed..self.filled, 0);
                (self.consumed, self.filled) = (0, self.filled - self.consumed);
            } else {
                let size = (self.buffer.len() * 2).clamp(SIZE, LARGEST);
                self.buffer.resize(size, 0);
            }
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }
}
