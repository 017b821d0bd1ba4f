//! TCP sockets that respect the deadline of the call and never raise SIGPIPE.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::attempt_context::AttemptContext;
use super::transport_error::TransportError;

/// The receive timeout of the socket is a multiple of this, so that it rarely has to be changed.
const TIMEOUT_STEP: Duration = Duration::from_millis(100);

/// A connected socket.
pub(super) struct Socket {
    stream: TcpStream,
    /// The current receive timeout (`SO_RCVTIMEO`).
    timeout: Option<Duration>,
    /// Whether the handshakes with the proxy and of TLS are done. What is sent after them is the request.
    is_handshake_done: bool,
}

impl Socket {
    /// Connects to the first address that answers, and returns it. Each address gets its share of the
    /// time left.
    pub(super) fn connect(
        addresses: &[SocketAddr],
        attempt: &AttemptContext,
    ) -> Result<(Socket, SocketAddr), TransportError> {
        let mut last_error = TransportError::Io(io::ErrorKind::AddrNotAvailable.into());
        for (tried, address) in addresses.iter().enumerate() {
            let left = attempt.time_left()?;
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(1);
            match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    let socket = Socket {
                        stream,
                        timeout: None,
                        is_handshake_done: false,
                    };
                    return Ok((socket, *address));
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    last_error = TransportError::Timeout;
                }
                Err(error) => last_error = TransportError::Io(error),
            }
        }
        Err(last_error)
    }

    /// Sends all bytes, with one system call if the kernel takes all of them.
    pub(super) fn send_all(
        &mut self,
        mut bytes: &[u8],
        attempt: &AttemptContext,
    ) -> Result<(), TransportError> {
        while !bytes.is_empty() {
            match send(
                &self.stream,
                bytes,
                SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
            ) {
                Ok(amount) => {
                    if self.is_handshake_done && amount > 0 {
                        attempt.mark_request_sent();
                    }
                    bytes = bytes.get(amount..).unwrap_or_default();
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait_for(PollFlags::OUT, attempt)?,
                Err(error) => return Err(TransportError::Io(error.into())),
            }
        }
        Ok(())
    }

    /// Waits for input. Returns 0 if the peer has closed the connection.
    pub(super) fn receive(
        &mut self,
        buffer: &mut [u8],
        attempt: &AttemptContext,
    ) -> Result<usize, TransportError> {
        loop {
            let left = attempt.time_left()?;
            let flags = if left < TIMEOUT_STEP {
                self.wait_for(PollFlags::IN, attempt)?;
                RecvFlags::DONTWAIT
            } else {
                self.set_timeout(left)?;
                RecvFlags::empty()
            };
            match recv(&self.stream, &mut *buffer, flags) {
                Ok((amount, _)) => return Ok(amount),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(TransportError::Io(error.into())),
            }
        }
    }

    /// Whether the server has neither closed the connection nor sent anything.
    pub(super) fn is_reusable(&self) -> bool {
        let mut byte = [0; 1];
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        matches!(
            Self::nonblocking(|| recv(&self.stream, &mut byte, flags)),
            Ok(None)
        )
    }

    /// Notes that the handshakes are done.
    pub(super) fn handshake_done(&mut self) {
        self.is_handshake_done = true;
    }

    /// Receives without waiting. `None` if nothing has arrived.
    pub(super) fn try_receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        Self::nonblocking(|| recv(&self.stream, &mut *buffer, RecvFlags::DONTWAIT))
    }

    fn nonblocking(
        mut receive: impl FnMut() -> rustix::io::Result<(usize, usize)>,
    ) -> io::Result<Option<usize>> {
        loop {
            match receive() {
                Ok((amount, _)) => return Ok(Some(amount)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(None),
                Err(error) => return Err(error.into()),
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
        self.stream.set_read_timeout(Some(timeout))?;
        self.timeout = Some(timeout);
        Ok(())
    }

    fn wait_for(&self, what: PollFlags, attempt: &AttemptContext) -> Result<(), TransportError> {
        loop {
            let left = attempt.time_left()?;
            let timeout = Timespec::try_from(left).map_err(|_| TransportError::Timeout)?;
            match poll(&mut [PollFd::new(&self.stream, what)], Some(&timeout)) {
                Ok(0) => return Err(TransportError::Timeout),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(TransportError::Io(error.into())),
            }
        }
    }
}

/// A socket as rustls reads and writes it, within the deadline of the attempt.
pub(super) struct DeadlineStream<'a> {
    socket: &'a mut Socket,
    attempt: &'a AttemptContext,
}

impl<'a> DeadlineStream<'a> {
    pub(super) fn new(socket: &'a mut Socket, attempt: &'a AttemptContext) -> DeadlineStream<'a> {
        DeadlineStream { socket, attempt }
    }
}

impl Read for DeadlineStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.socket.receive(buffer, self.attempt)?)
    }
}

impl Write for DeadlineStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.send_all(bytes, self.attempt)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
