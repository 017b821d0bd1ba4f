//! A TCP stream that a poller can watch: all system calls on sockets.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::poller::{Interest, Poller};

/// A TCP stream, and the poller that watches it for a call of a queue.
pub(super) struct WatchedStream {
    stream: TcpStream,
    watch: Option<Watch>,
    /// Whether there may be something to read. A call of a queue does not try to read before the poller
    /// says so.
    may_be_readable: bool,
}

struct Watch {
    poller: Arc<Poller>,
    key: u64,
    interest: Interest,
}

/// How [`WatchedStream::receive`] receives.
#[derive(Clone, Copy)]
pub(super) enum ReceiveMode {
    /// Waits for the first byte, up to the receive timeout.
    Blocking,
    /// Fails with [`io::ErrorKind::WouldBlock`] if nothing has arrived.
    Nonblocking,
    /// Like `Nonblocking`, and leaves the bytes there.
    Peek,
}

impl WatchedStream {
    /// Starts to connect, without waiting.
    pub(super) fn connect(address: SocketAddr) -> io::Result<WatchedStream> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
        match connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(WatchedStream {
                stream: TcpStream::from(socket),
                watch: None,
                may_be_readable: false,
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// The result of [`WatchedStream::connect`]. `None` while it is not known.
    ///
    /// # Errors
    ///
    /// If the operating system cannot say.
    pub(super) fn connect_result(&self) -> io::Result<Option<io::Result<()>>> {
        let mut fds = [PollFd::new(&self.stream, PollFlags::OUT)];
        match poll(&mut fds, Some(&Timespec::default())) {
            Ok(0) | Err(Errno::INTR) => Ok(None),
            Ok(_) => match sockopt::socket_error(&self.stream) {
                Ok(Ok(())) => Ok(Some(Ok(()))),
                Ok(Err(error)) | Err(error) => Ok(Some(Err(error.into()))),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Prepares the connected stream for requests.
    pub(super) fn connected(&self) -> io::Result<()> {
        ioctl_fionbio(&self.stream, false)?;
        self.stream.set_nodelay(true)
    }

    /// Sends what the kernel takes without waiting. Never raises SIGPIPE.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        Ok(send(&self.stream, bytes, flags)?)
    }

    /// Receives what has arrived. Returns 0 if the peer has closed the connection.
    pub(super) fn receive(&self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<usize> {
        let flags = match mode {
            ReceiveMode::Blocking => RecvFlags::empty(),
            ReceiveMode::Nonblocking => RecvFlags::DONTWAIT,
            ReceiveMode::Peek => RecvFlags::PEEK | RecvFlags::DONTWAIT,
        };
        let (amount, _) = recv(&self.stream, buffer, flags)?;
        Ok(amount)
    }

    /// Sets how long a blocking [`WatchedStream::receive`] waits (`SO_RCVTIMEO`).
    pub(super) fn set_receive_timeout(&self, timeout: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(timeout))
    }

    /// Lets a poller watch the stream for the call with this key.
    pub(super) fn watch(
        &mut self,
        poller: &Arc<Poller>,
        key: u64,
        interest: Interest,
    ) -> io::Result<()> {
        match &mut self.watch {
            Some(watch) if watch.key == key && watch.interest == interest => return Ok(()),
            Some(watch) if watch.key == key => {
                poller.modify(self.stream.as_fd(), key, interest)?;
                watch.interest = interest;
            }
            _ => {
                self.stop_watching();
                poller.add(self.stream.as_fd(), key, interest)?;
                self.watch = Some(Watch {
                    poller: Arc::clone(poller),
                    key,
                    interest,
                });
            }
        }
        Ok(())
    }

    /// Ends [`WatchedStream::watch`]. A descriptor leaves the poller before it is closed: otherwise a
    /// copy in a forked child would keep it there.
    pub(super) fn stop_watching(&mut self) {
        if let Some(watch) = self.watch.take() {
            watch.poller.remove(self.stream.as_fd());
        }
    }

    pub(super) fn may_be_readable(&self) -> bool {
        self.may_be_readable
    }

    pub(super) fn set_may_be_readable(&mut self, may_be_readable: bool) {
        self.may_be_readable = may_be_readable;
    }
}

impl AsFd for WatchedStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Drop for WatchedStream {
    fn drop(&mut self) {
        self.stop_watching();
    }
}
