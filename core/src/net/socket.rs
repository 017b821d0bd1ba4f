//! TCP sockets that respect the deadline of the call.

use std::io;
use std::time::Duration;

use super::attempt_context::Step;
use super::poller::Interest;
use super::tcp_socket::ReceiveMode;
use super::transport_error::TransportError;
use super::watched_stream::WatchedStream;

/// The receive timeout of the socket is a multiple of this, so that it rarely has to be changed.
const TIMEOUT_STEP: Duration = Duration::from_millis(50);

/// A connected socket.
pub(super) struct Socket {
    stream: WatchedStream,
    /// The current receive timeout (`SO_RCVTIMEO`).
    timeout: Option<Duration>,
    /// Whether the handshakes with the proxy and of TLS are done. What is sent after them is the request.
    is_handshake_done: bool,
}

impl Socket {
    pub(super) fn new(stream: WatchedStream) -> Socket {
        Socket {
            stream,
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

    /// Receives what has arrived. A blocking call waits in the system call for the first byte, so that
    /// it needs no other one.
    pub(super) fn try_receive(&mut self, buffer: &mut [u8], step: Step<'_>) -> io::Result<usize> {
        let left = step.time_left()?;
        let mode = match step.blocking_read_limit(left) {
            Some(limit) if limit >= TIMEOUT_STEP => {
                self.set_timeout(limit)?;
                ReceiveMode::Blocking
            }
            Some(_) => ReceiveMode::Nonblocking,
            None if self.stream.may_be_readable() => ReceiveMode::Nonblocking,
            None => return Err(io::ErrorKind::WouldBlock.into()),
        };
        let amount = self.stream.receive(buffer, mode)?;
        self.stream.set_may_be_readable(amount == buffer.len());
        Ok(amount)
    }

    /// Whether the server has neither closed the connection nor sent anything.
    pub(super) fn is_reusable(&self) -> bool {
        matches!(self.receive_now(&mut [0], ReceiveMode::Peek), Ok(None))
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
    fn receive_now(&self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<Option<usize>> {
        loop {
            match self.stream.receive(buffer, mode) {
                Ok(amount) => return Ok(Some(amount)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
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
