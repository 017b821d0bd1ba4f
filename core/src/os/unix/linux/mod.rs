//! Linux, with glibc, musl or Android's C library.

mod signal_wait;
mod sockets;
mod stay_loaded;

use std::ffi::{CStr, c_void};

pub(crate) use self::signal_wait::{CAN_WAIT_FOR_SIGNALS, SignalWait, WakeUp};
pub(crate) use self::sockets::{
    connection_made, epoll_wait, received_bytes, set_acknowledgement_timeout,
};
pub use self::stay_loaded::stay_loaded;
pub(super) use super::socket_flags::{WITHOUT_SIGPIPE, open_tcp_socket};

/// The clock that goes on while the machine is suspended.
pub(super) const CLOCK_SINCE_BOOT: libc::clockid_t = libc::CLOCK_BOOTTIME;

/// Sets the name of the calling thread, for debuggers and `top`.
pub(crate) fn set_thread_name(name: &'static CStr) {
    // SAFETY: the name ends with a NUL.
    unsafe {
        libc::pthread_setname_np(libc::pthread_self(), name.as_ptr());
    }
}

/// Whether this program has privileges that the user who started it lacks: a set-user-ID or set-group-ID program,
/// or one with file capabilities. That user has chosen its environment. `ld.so` calls this the secure-execution
/// mode, in which `secure_getenv` finds no variable.
pub(crate) fn is_secure_execution() -> bool {
    // SAFETY: the function has no precondition.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Asks the kernel to clear a page in children. Returns whether it will.
///
/// # Safety
///
/// The page must be writable memory that may be zero in a child.
pub(super) unsafe fn clear_in_children(page: *mut c_void, size: usize) -> bool {
    // SAFETY: the advice changes nothing in this process. -1 is no advice at all: an emulator that accepts it,
    // as old versions of QEMU do, ignores all advice.
    unsafe {
        libc::madvise(page, size, -1) != 0 && libc::madvise(page, size, libc::MADV_WIPEONFORK) == 0
    }
}
