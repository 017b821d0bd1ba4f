//! What only the C library can tell or do: notice a fork, keep a thread free of signals.
//!
//! The one module with `unsafe` in it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBool;

/// How many times this process has been forked off since the library was first used.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Runs in a forked child before anything else of ours.
extern "C" fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Sees to it that forks are noticed from now on.
pub(crate) fn watch_forks() {
    static WATCHING: OnceBool = OnceBool::new();
    WATCHING.get_or_init(|| {
        // SAFETY: `forked` does one atomic addition, which is safe in a child of a process with
        // many threads. It lives as long as this library is loaded: the shared library stays for
        // good, and the C library forgets the handlers of any other that is unloaded.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) == 0 }
    });
}

/// A number that is another one in every child process; reading it costs no system call.
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Runs `start`, which starts a thread, so that the thread takes no signal from the host's handlers:
/// a new thread inherits the mask of the one that starts it, and the caller's own is put back.
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigfillset` initialises the set that it is given and cannot fail on a valid pointer;
    // `pthread_sigmask` reads that set and, when it returns 0, has written `before`.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0
    };
    let result = start();
    if blocked {
        // SAFETY: the call above returned 0, so `before` holds this thread's mask as it was.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
        }
    }
    result
}
