//! A TCP socket: all system calls on sockets.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::os::above_standard_streams;

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
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
        let socket = above_standard_streams(socket)?;
        match connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(TcpSocket(socket.into())),
            Err(error) => Err(error.into()),
        }
    }

    /// The result of [`TcpSocket::connect`]. `None` while it is not known.
    ///
    /// # Errors
    ///
    /// If the operating system cannot say.
    pub(super) fn connect_result(&self) -> io::Result<Option<io::Result<()>>> {
        let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
        match poll(&mut fds, Some(&Timespec::default())) {
            Ok(0) | Err(Errno::INTR) => Ok(None),
            Ok(_) => match sockopt::socket_error(&self.0) {
                Ok(Ok(())) => Ok(Some(Ok(()))),
                Ok(Err(error)) | Err(error) => Ok(Some(Err(error.into()))),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Prepares the connected socket for requests.
    pub(super) fn connected(&self) -> io::Result<()> {
        ioctl_fionbio(&self.0, false)?;
        self.0.set_nodelay(true)
    }

    /// Sets for how long sent bytes may remain unacknowledged, where the system allows it. After that the
    /// connection fails with [`io::ErrorKind::TimedOut`] (RFC 5482).
    pub(super) fn set_acknowledgement_timeout(&self, timeout: Duration) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let milliseconds = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
            // Where it fails, as in some sandboxes, a request ends at its deadline.
            let _ = sockopt::set_tcp_user_timeout(&self.0, milliseconds);
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let _ = timeout;
    }

    /// Sends what the kernel takes without waiting. Never raises SIGPIPE.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        Ok(send(&self.0, bytes, flags)?)
    }

    /// Receives what has arrived. Returns 0 if the peer has closed the connection.
    pub(super) fn receive(&self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<usize> {
        let flags = match mode {
            ReceiveMode::Blocking => RecvFlags::empty(),
            ReceiveMode::Nonblocking => RecvFlags::DONTWAIT,
            ReceiveMode::Peek => RecvFlags::PEEK | RecvFlags::DONTWAIT,
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
