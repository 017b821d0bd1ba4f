//! macOS and its relatives.

use std::ffi::{CStr, c_void};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto, socket, sockopt};

pub(crate) use super::apple_and_bsd::{connection_made, is_secure_execution};
pub(crate) use crate::os::without_signals::{CAN_WAIT_FOR_SIGNALS, SignalWait, WakeUp};

/// The clock that goes on while the machine is suspended.
pub(super) const CLOCK_SINCE_BOOT: libc::clockid_t = libc::CLOCK_MONOTONIC;

/// Sending has no such flag: the socket itself is told.
pub(super) const WITHOUT_SIGPIPE: SendFlags = SendFlags::empty();

/// A TCP socket that does not wait, never raises SIGPIPE, and that programs started by the host do not get, unless
/// another thread starts one at this very moment: the system cannot do it in one step.
pub(super) fn open_tcp_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let socket = socket(family, SocketType::STREAM, Some(ipproto::TCP))?;
    fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    ioctl_fionbio(&socket, true)?;
    sockopt::set_socket_nosigpipe(&socket, true)?;
    Ok(socket)
}

/// Sets the name of the calling thread, for debuggers and `top`.
pub(crate) fn set_thread_name(name: &'static CStr) {
    // SAFETY: the name ends with a NUL.
    unsafe {
        libc::pthread_setname_np(name.as_ptr());
    }
}

/// Never clears a page in children: the kernel can only take it away from them.
///
/// # Safety
///
/// None is needed. On other systems it is.
pub(super) unsafe fn clear_in_children(_page: *mut c_void, _size: usize) -> bool {
    false
}

/// The system does not say how many bytes a connection has received.
pub(crate) fn received_bytes(_socket: BorrowedFd<'_>) -> Option<u64> {
    None
}

/// The system has no such timeout: a request that is not acknowledged ends at its deadline.
pub(crate) fn set_acknowledgement_timeout(_socket: BorrowedFd<'_>, _timeout: Duration) {}

/// Does nothing: the system keeps libraries that have thread-local variables.
pub fn stay_loaded() {}
