//! TCP sockets that respect the deadline of the call, whatever becomes of their descriptors.
//!
//! A host program may close descriptors that are not its own, and open others in their place. Such a
//! descriptor has no receive timeout, so a socket waits in `poll`. Only after a check that it is still the
//! same connection, it waits in `recv`, which saves a system call.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::attempt_context::Step;
use super::tcp_socket::ReceiveMode;
use super::transport_error::TransportError;
use super::watched_stream::WatchedStream;
use crate::os::{Interest, received_bytes};

/// The receive timeout of the socket is a multiple of this, so that it rarely has to be changed.
const TIMEOUT_STEP: Duration = Duration::from_millis(50);

/// Whether the system has been seen to count the received bytes of a connection. Not all do.
static ARE_BYTES_COUNTED: AtomicBool = AtomicBool::new(false);

/// A connected socket.
pub(super) struct Socket {
    stream: WatchedStream,
    /// The bytes received so far.
    received: u64,
    /// Whether this call has checked that the descriptor is still that of this connection, and has neither
    /// received anything nor waited since.
    is_verified: bool,
    /// The current receive timeout (`SO_RCVTIMEO`).
    timeout: Option<Duration>,
    /// Whether the handshakes with the proxy and of TLS are done. What is sent after them is the request.
    is_handshake_done: bool,
}

impl Socket {
    pub(super) fn new(stream: WatchedStream) -> Socket {
        Socket {
            stream,
            received: 0,
            is_verified: false,
            timeout: None,
            is_handshake_done: false,
        }
    }

    /// Waits until the socket is ready if that is what `error` asks for.
    ///
    /// # Errors
    ///
    /// Any other error, or [`TransportError::Timeout`].
    pub(super) async fn wait_if_blocked(
        &mut self,
        error: io::Error,
        interest: Interest,
        step: Step<'_>,
    ) -> Result<(), TransportError> {
        // The host may replace the descriptor during the wait.
        self.is_verified = false;
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => {
                step.time_left()?;
                step.wait(&mut [(&mut self.stream, interest)], step.deadline())
                    .await
            }
            _ => Err(error.into()),
        }
    }

    /// Sends what the kernel takes.
    pub(super) fn try_send(&mut self, bytes: &[u8], step: Step<'_>) -> io::Result<usize> {
        let amount = self.stream.send(bytes)?;
        if self.is_handshake_done && amount > 0 {
            step.request_sent();
        }
        Ok(amount)
    }

    /// Receives what has arrived. A blocking call on a verified connection waits in the system call for the
    /// first byte, so that it needs no other one.
    pub(super) fn try_receive(&mut self, buffer: &mut [u8], step: Step<'_>) -> io::Result<usize> {
        let left = step.time_left()?;
        let is_verified = std::mem::take(&mut self.is_verified);
        let limit = step.blocking_read_limit(left).filter(|_| is_verified);
        let mode = match limit {
            _ if self.stream.may_be_readable() => ReceiveMode::Nonblocking,
            Some(limit) if limit >= TIMEOUT_STEP => {
                self.set_timeout(limit)?;
                ReceiveMode::Blocking
            }
            _ => return Err(io::ErrorKind::WouldBlock.into()),
        };
        let received = self.receive(buffer, mode);
        let is_full = matches!(received, Ok(amount) if amount == buffer.len());
        self.stream.set_may_be_readable(is_full);
        received
    }

    /// Whether the server has neither closed the connection nor sent anything that was not received, and the
    /// descriptor is still that of the connection.
    pub(super) fn is_reusable(&mut self) -> bool {
        self.is_verified = self.has_expected_count();
        self.is_verified
            || !ARE_BYTES_COUNTED.load(Ordering::Relaxed)
                && matches!(self.receive_now(&mut [0], ReceiveMode::Peek), Ok(None))
    }

    /// Notes that the connection is idle from now on.
    pub(super) fn mark_idle(&mut self) {
        self.stream.stop_watching();
        if !ARE_BYTES_COUNTED.load(Ordering::Relaxed) && self.has_expected_count() {
            ARE_BYTES_COUNTED.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the connection is open, and has received as many bytes as were read from it. That is true of
    /// no other one, unless by chance.
    fn has_expected_count(&self) -> bool {
        self.stream.fd().and_then(received_bytes) == Some(self.received)
    }

    /// Notes that the handshakes are done.
    pub(super) fn handshake_done(&mut self) {
        self.is_handshake_done = true;
    }

    /// Receives without waiting. `None` if nothing has arrived.
    pub(super) fn receive_waiting(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        self.receive_now(buffer, ReceiveMode::Nonblocking)
    }

    /// `None` if nothing has arrived. `mode` must not be [`ReceiveMode::Blocking`].
    fn receive_now(&mut self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<Option<usize>> {
        loop {
            match self.receive(buffer, mode) {
                Ok(amount) => return Ok(Some(amount)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    fn receive(&mut self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<usize> {
        let amount = self.stream.receive(buffer, mode)?;
        if mode != ReceiveMode::Peek {
            self.received += amount as u64;
        }
        Ok(amount)
    }

    /// Sets `SO_RCVTIMEO`. A timeout that is too short only costs another system call, so it is left
    /// unchanged unless it is far too short.
    fn set_timeout(&mut self, left: Duration) -> io::Result<()> {
        let fits = |timeout: Duration| timeout <= left && timeout * 4 > left;
        if self.timeout.is_some_and(fits) {
            return Ok(());
        }
        let steps = left.as_millis() / TIMEOUT_STEP.as_millis();
        let timeout = TIMEOUT_STEP * u32::try_from(steps).unwrap_or(u32::MAX);
        self.stream.set_receive_timeout(timeout)?;
        self.timeout = Some(timeout);
        Ok(())
    }

    /// Takes the socket out of the poller of the call that has used it.
    pub(super) fn stop_watching(&mut self) {
        self.stream.stop_watching();
    }
}
