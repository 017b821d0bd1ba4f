//! Sockets that do not wait, and waiting for them.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags};

use super::super::interest::Interest;
use super::descriptors::above_standard_streams;
use super::kernel;

/// Sends what the kernel takes without waiting. Never raises SIGPIPE.
pub(crate) const SEND_NOW: SendFlags = kernel::WITHOUT_SIGPIPE.union(SendFlags::DONTWAIT);

/// Receives what has arrived.
pub(crate) const RECEIVE_NOW: RecvFlags = RecvFlags::DONTWAIT;

/// A socket that is waited for.
pub(crate) type PollEntry<'a> = PollFd<'a>;

/// A TCP socket that does not wait.
pub(crate) fn new_tcp_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    above_standard_streams(kernel::open_tcp_socket(family)?)
}

/// Whether the error of `connect` says that it goes on.
pub(crate) fn is_connecting(error: Errno) -> bool {
    matches!(error, Errno::INPROGRESS | Errno::INTR)
}

impl Interest {
    /// An entry for [`poll`].
    pub(crate) fn in_socket(self, socket: BorrowedFd<'_>) -> PollEntry<'_> {
        let flags = match self {
            Interest::Readable => PollFlags::IN,
            Interest::Writable => PollFlags::OUT,
        };
        PollFd::from_borrowed_fd(socket, flags)
    }
}

/// Waits until a socket is ready, at most for this time. Returns whether one is.
///
/// # Errors
///
/// [`io::ErrorKind::Interrupted`] after a signal handler has run, and what the system says.
pub(crate) fn poll(entries: &mut [PollEntry<'_>], timeout: Duration) -> io::Result<bool> {
    // A time that is too long for the system is as good as the longest.
    let timeout = Timespec::try_from(timeout).unwrap_or(Timespec {
        tv_sec: i64::MAX,
        tv_nsec: 0,
    });
    Ok(rustix::event::poll(entries, Some(&timeout))? > 0)
}
