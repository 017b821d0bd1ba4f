//! A thread that lets signals in only while it waits, so that it misses none.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use super::super::descriptors::above_standard_streams;
use super::super::signals::BlockedSignals;
use crate::os::Interest;

/// What the kernel raises in the thread that has caused it, and what `abort` raises. It kills a process that has
/// blocked one of them.
const SYNCHRONOUS: [libc::c_int; 7] = [
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGSEGV,
    libc::SIGSYS,
    libc::SIGTRAP,
];

/// Whether signals can end a call here.
pub(crate) const CAN_WAIT_FOR_SIGNALS: bool = true;

/// Signals are handled in the thread that has made this only while it waits, until it is dropped there.
pub(crate) struct SignalWait(BlockedSignals);

impl SignalWait {
    /// Blocks all signals but those that an error in the program raises.
    pub(crate) fn start() -> Option<SignalWait> {
        Some(SignalWait(BlockedSignals::except(&SYNCHRONOUS)))
    }

    /// Waits as `poll`, with the mask of before: a signal that has come since ends the wait at once. Returns whether
    /// a socket is ready; it may return earlier.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Interrupted`] if a signal handler ran, whether or not it has `SA_RESTART`.
    pub(crate) fn poll(
        &self,
        sockets: &[(BorrowedFd<'_>, Interest)],
        wake_up: Option<&WakeUp>,
        timeout: Duration,
    ) -> io::Result<bool> {
        let wake_up = wake_up.map(|wake_up| (wake_up.0.as_fd(), Interest::Readable));
        let mut entries: Vec<libc::pollfd> =
            sockets.iter().copied().chain(wake_up).map(entry).collect();
        let timeout = libc::timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            // Less than 1,000,000,000 fits into any type.
            tv_nsec: timeout.subsec_nanos() as libc::c_long,
        };
        let count = entries.len().try_into().unwrap_or(libc::nfds_t::MAX);
        let mask = self.0.previous.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: there are `count` entries, and the kernel ignores or reports descriptors that are not open. The
        // timeout and the mask are valid; without a mask, that of the thread stays.
        let ready = unsafe { libc::ppoll(entries.as_mut_ptr(), count, &raw const timeout, mask) };
        if ready < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(ready > 0)
    }
}

fn entry((socket, interest): (BorrowedFd<'_>, Interest)) -> libc::pollfd {
    libc::pollfd {
        fd: socket.as_raw_fd(),
        events: match interest {
            Interest::Readable => libc::POLLIN,
            Interest::Writable => libc::POLLOUT,
        },
        revents: 0,
    }
}

/// With what another thread ends such a wait.
pub(crate) struct WakeUp(OwnedFd);

impl WakeUp {
    /// # Errors
    ///
    /// If the process may open no more descriptors.
    pub(crate) fn new() -> io::Result<WakeUp> {
        let descriptor = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        above_standard_streams(descriptor).map(WakeUp)
    }

    /// Ends the wait of now or the next one.
    pub(crate) fn raise(&self) {
        // It fails only if the counter is full. Then the descriptor is readable anyway.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Undoes [`WakeUp::raise`].
    pub(crate) fn clear(&self) {
        // It fails only if nothing was written, because writing has failed.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}
