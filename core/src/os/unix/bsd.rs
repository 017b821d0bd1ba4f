//! FreeBSD, NetBSD and OpenBSD.

use std::ffi::{CStr, c_void};
use std::os::fd::BorrowedFd;
use std::time::Duration;

#[cfg(target_os = "freebsd")]
use libc::INHERIT_ZERO;
#[cfg(not(target_os = "freebsd"))]
use libc::MAP_INHERIT_ZERO as INHERIT_ZERO;

pub(crate) use super::apple_and_bsd::{connection_made, is_secure_execution};
pub(super) use super::socket_flags::{WITHOUT_SIGPIPE, open_tcp_socket};
pub(crate) use crate::os::without_signals::{CAN_WAIT_FOR_SIGNALS, SignalWait, WakeUp};

/// The clock that goes on while the machine is suspended.
pub(super) const CLOCK_SINCE_BOOT: libc::clockid_t = libc::CLOCK_MONOTONIC;

/// The thread keeps the name of the process.
pub(crate) fn set_thread_name(_name: &'static CStr) {}

/// Asks the kernel to clear a page in children. Returns whether it will.
///
/// # Safety
///
/// The page must be writable memory that may be zero in a child.
pub(super) unsafe fn clear_in_children(page: *mut c_void, size: usize) -> bool {
    // SAFETY: nothing changes in this process.
    unsafe { libc::minherit(page, size, INHERIT_ZERO) == 0 }
}

/// The system does not say how many bytes a connection has received.
pub(crate) fn received_bytes(_socket: BorrowedFd<'_>) -> Option<u64> {
    None
}

/// The system has no such timeout: a request that is not acknowledged ends at its deadline.
pub(crate) fn set_acknowledgement_timeout(_socket: BorrowedFd<'_>, _timeout: Duration) {}

/// Does nothing: only glibc is known to unload a library that has thread-local variables.
pub fn stay_loaded() {}
