//! Threads that never run a signal handler of the host program.

use std::mem::MaybeUninit;

/// All threads of this library have a name that begins like this.
pub const THREAD_NAME_PREFIX: &str = "descope-";

/// Runs `start`, which starts a thread, with all signals blocked. The new thread inherits the blocked
/// mask, so it never runs a signal handler of the host program. The caller's mask is restored.
pub(crate) fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut previous = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigfillset` initialises the set and cannot fail on a valid pointer. `pthread_sigmask`
    // reads that set, and has written `previous` when it returns 0.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), previous.as_mut_ptr()) == 0
    };
    let result = start();
    if blocked {
        // SAFETY: the call above returned 0, so `previous` holds the mask of this thread.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, previous.as_ptr(), std::ptr::null_mut());
        }
    }
    result
}
