//! A TCP stream that a poller can watch.

use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

#[cfg(feature = "fuzzing")]
use super::any_socket::AnySocket as TcpSocket;
use super::poller::Poller;
#[cfg(not(feature = "fuzzing"))]
use super::tcp_socket::TcpSocket;
use crate::os::Interest;

/// A TCP stream, and the poller that watches it for a call of a queue.
pub(super) struct WatchedStream {
    socket: TcpSocket,
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

impl WatchedStream {
    /// Starts to connect, without waiting.
    pub(super) fn connect(address: SocketAddr) -> io::Result<WatchedStream> {
        Ok(WatchedStream::new(TcpSocket::connect(address)?))
    }

    pub(super) fn new(socket: TcpSocket) -> WatchedStream {
        WatchedStream {
            socket,
            watch: None,
            may_be_readable: false,
        }
    }

    /// Lets a poller watch the stream for the call with this key.
    pub(super) fn watch(
        &mut self,
        poller: &Arc<Poller>,
        key: u64,
        interest: Interest,
    ) -> io::Result<()> {
        let is_watched = match &self.watch {
            Some(watch) if watch.key == key && watch.interest == interest => return Ok(()),
            Some(watch) => watch.key == key,
            None => false,
        };
        if !is_watched {
            self.stop_watching();
        }
        let Some(fd) = self.fd() else {
            return Ok(());
        };
        if is_watched {
            poller.modify(fd, key, interest)?;
        } else {
            poller.add(fd, key, interest)?;
        }
        self.watch = Some(Watch {
            poller: Arc::clone(poller),
            key,
            interest,
        });
        Ok(())
    }

    /// Ends [`WatchedStream::watch`]. A descriptor leaves the poller before it is closed: otherwise a
    /// copy in a forked child would keep it there.
    pub(super) fn stop_watching(&mut self) {
        if let (Some(watch), Some(fd)) = (self.watch.take(), self.fd()) {
            watch.poller.remove(fd);
        }
    }

    pub(super) fn may_be_readable(&self) -> bool {
        self.may_be_readable
    }

    pub(super) fn set_may_be_readable(&mut self, may_be_readable: bool) {
        self.may_be_readable = may_be_readable;
    }
}

impl Deref for WatchedStream {
    type Target = TcpSocket;

    fn deref(&self) -> &TcpSocket {
        &self.socket
    }
}

impl Drop for WatchedStream {
    fn drop(&mut self) {
        self.stop_watching();
    }
}
