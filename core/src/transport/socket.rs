//! A TCP socket that keeps to the call's time, never raises SIGPIPE, and is probed without a wait.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::attempt::Attempt;
use super::fault::Fault;

/// The socket's own timeout is a multiple of this, so that it hardly ever has to be set anew.
const STEP: Duration = Duration::from_millis(100);

/// A connected socket.
pub(super) struct Socket {
    stream: TcpStream,
    /// The receive timeout that the kernel knows of.
    timeout: Option<Duration>,
    /// Whether what is written is the request, and no longer a proxy's or TLS's greeting.
    carries_request: bool,
}

impl Socket {
    /// Connects to the first of these addresses that answers, and says which; each gets its share of the
    /// time left.
    pub(super) fn connect(
        addresses: &[SocketAddr],
        attempt: &Attempt,
    ) -> Result<(Socket, SocketAddr), Fault> {
        let mut last = Fault::Io(io::ErrorKind::AddrNotAvailable.into());
        for (tried, address) in addresses.iter().enumerate() {
            let left = attempt.time_left()?;
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(1);
            match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    let socket = Socket {
                        stream,
                        timeout: None,
                        carries_request: false,
                    };
                    return Ok((socket, *address));
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => last = Fault::Time,
                Err(error) => last = Fault::Io(error),
            }
        }
        Err(last)
    }

    /// Writes everything, in one system call where the kernel takes it.
    pub(super) fn send_all(&mut self, mut bytes: &[u8], attempt: &Attempt) -> Result<(), Fault> {
        while !bytes.is_empty() {
            match send(
                &self.stream,
                bytes,
                SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
            ) {
                Ok(amount) => {
                    if self.carries_request && amount > 0 {
                        attempt.mark_sent();
                    }
                    bytes = bytes.get(amount..).unwrap_or_default();
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait_for(PollFlags::OUT, attempt)?,
                Err(error) => return Err(Fault::Io(error.into())),
            }
        }
        Ok(())
    }

    /// Waits for input and reads it; zero is the end.
    pub(super) fn receive(&mut self, buffer: &mut [u8], attempt: &Attempt) -> Result<usize, Fault> {
        loop {
            let left = attempt.time_left()?;
            let flags = if left < STEP {
                self.wait_for(PollFlags::IN, attempt)?;
                RecvFlags::DONTWAIT
            } else {
                self.set_timeout(left)?;
                RecvFlags::empty()
            };
            match recv(&self.stream, &mut *buffer, flags) {
                Ok((amount, _)) => return Ok(amount),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(Fault::Io(error.into())),
            }
        }
    }

    /// Whether the server has neither closed an idle connection nor sent anything unasked.
    pub(super) fn is_quiet(&self) -> bool {
        let mut byte = [0; 1];
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        matches!(
            Self::without_wait(|| recv(&self.stream, &mut byte, flags)),
            Ok(None)
        )
    }

    /// From now on, what is written is the request.
    pub(super) fn carry_request(&mut self) {
        self.carries_request = true;
    }

    /// Reads what is there without a wait; `None` when nothing is.
    pub(super) fn receive_now(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        Self::without_wait(|| recv(&self.stream, &mut *buffer, RecvFlags::DONTWAIT))
    }

    fn without_wait(
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

    /// Lets the kernel end a wait in time. A timeout that is shorter than need be only costs another
    /// round, so it is left alone unless it is far too short.
    fn set_timeout(&mut self, left: Duration) -> io::Result<()> {
        let fits = |timeout: Duration| timeout <= left && timeout * 4 > left;
        if self.timeout.is_some_and(fits) {
            return Ok(());
        }
        let steps = left.as_millis() / STEP.as_millis();
        let timeout = STEP * u32::try_from(steps).unwrap_or(u32::MAX);
        self.stream.set_read_timeout(Some(timeout))?;
        self.timeout = Some(timeout);
        Ok(())
    }

    fn wait_for(&self, what: PollFlags, attempt: &Attempt) -> Result<(), Fault> {
        loop {
            let left = attempt.time_left()?;
            let timeout = Timespec::try_from(left).map_err(|_| Fault::Time)?;
            match poll(&mut [PollFd::new(&self.stream, what)], Some(&timeout)) {
                Ok(0) => return Err(Fault::Time),
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(Fault::Io(error.into())),
            }
        }
    }
}

/// A socket as rustls reads and writes it, within the time of an attempt.
pub(super) struct Timed<'a> {
    socket: &'a mut Socket,
    attempt: &'a Attempt,
}

impl<'a> Timed<'a> {
    pub(super) fn new(socket: &'a mut Socket, attempt: &'a Attempt) -> Timed<'a> {
        Timed { socket, attempt }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.socket.receive(buffer, self.attempt)?)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.send_all(bytes, self.attempt)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
