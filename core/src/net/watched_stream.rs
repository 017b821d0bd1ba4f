//! A TCP stream that a poller can watch.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

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

impl WatchedStream {
    /// The stream need not be connected yet.
    pub(super) fn new(stream: TcpStream) -> WatchedStream {
        WatchedStream {
            stream,
            watch: None,
            may_be_readable: false,
        }
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        &self.stream
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
