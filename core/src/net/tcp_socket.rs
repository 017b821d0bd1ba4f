//! A TCP socket: all system calls on sockets.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::fd::{AsFd, BorrowedFd};
use rustix::net::{AddressFamily, RecvFlags, connect, recv, send, sockopt};

use crate::os::{self, Interest};

/// A TCP socket.
pub(super) struct TcpSocket(TcpStream);

/// How [`TcpSocket::receive`] receives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReceiveMode {
    /// Waits for the first byte, up to the receive timeout.
    Blocking,
    /// Fails with [`io::ErrorKind::WouldBlock`] if nothing has arrived.
    Nonblocking,
    /// Like `Nonblocking`, and leaves the bytes there.
    Peek,
}

impl TcpSocket {
    /// Starts to connect, without waiting.
    pub(super) fn connect(address: SocketAddr) -> io::Result<TcpSocket> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let socket = os::new_tcp_socket(family)?;
        match connect(&socket, &address) {
            Err(error) if !os::is_connecting(error) => Err(error.into()),
            _ => Ok(TcpSocket(socket.into())),
        }
    }

    /// The result of [`TcpSocket::connect`]. `None` while it is not known.
    ///
    /// # Errors
    ///
    /// If the operating system cannot say.
    pub(super) fn connect_result(&self) -> io::Result<Option<io::Result<()>>> {
        let mut entry = [Interest::Writable.in_socket(self.0.as_fd())];
        match os::poll(&mut entry, Duration::ZERO) {
            Ok(true) => match sockopt::socket_error(&self.0) {
                Ok(Ok(())) => Ok(Some(Ok(()))),
                Ok(Err(error)) | Err(error) => Ok(Some(Err(error.into()))),
            },
            Ok(false) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Prepares the connected socket for requests.
    pub(super) fn connected(&self) -> io::Result<()> {
        os::connection_made(self.0.as_fd())?;
        self.0.set_nodelay(true)
    }

    /// Sets for how long sent bytes may remain unacknowledged, where the system allows it. After that the
    /// connection fails with [`io::ErrorKind::TimedOut`] (RFC 5482).
    pub(super) fn set_acknowledgement_timeout(&self, timeout: Duration) {
        os::set_acknowledgement_timeout(self.0.as_fd(), timeout);
    }

    /// Sends what the kernel takes without waiting. Never raises SIGPIPE.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(&self.0, bytes, os::SEND_NOW)?)
    }

    /// Receives what has arrived. Returns 0 if the peer has closed the connection.
    pub(super) fn receive(&self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<usize> {
        let flags = match mode {
            ReceiveMode::Blocking => RecvFlags::empty(),
            ReceiveMode::Nonblocking => os::RECEIVE_NOW,
            ReceiveMode::Peek => RecvFlags::PEEK | os::RECEIVE_NOW,
        };
        let (amount, _) = recv(&self.0, buffer, flags)?;
        Ok(amount)
    }

    /// Sets how long a blocking [`TcpSocket::receive`] waits (`SO_RCVTIMEO`).
    pub(super) fn set_receive_timeout(&self, timeout: Duration) -> io::Result<()> {
        self.0.set_read_timeout(Some(timeout))
    }

    /// The descriptor. Simulated sockets have none.
    #[allow(clippy::unnecessary_wraps, reason = "simulated sockets have none")]
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}
