//! Calls into the C library: notice a fork, start a thread with all signals blocked, wait for `epoll`, read a
//! clock that does not stop.
//!
//! This is the only module of the crate with `unsafe` code.
#![allow(unsafe_code)]

mod threads;

use std::io;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use once_cell::race::OnceBool;

pub use threads::is_library_thread;
pub(crate) use threads::{Thread, thread_number};

/// How many forks separate this process from the one that first used the library.
static FORK_COUNT: AtomicU64 = AtomicU64::new(0);

/// Runs in a forked child before any other code of this library.
extern "C" fn on_fork_in_child() {
    FORK_COUNT.fetch_add(1, Ordering::Relaxed);
}

/// Makes sure that forks are counted from now on.
fn register_fork_handler() {
    static IS_REGISTERED: OnceBool = OnceBool::new();
    IS_REGISTERED.get_or_init(|| {
        // SAFETY: `on_fork_in_child` does one atomic addition, which is safe in a child of a process
        // with many threads. The function lives as long as the library is loaded: the shared library
        // is never unloaded, and the C library removes the handlers of any other that is.
        unsafe { libc::pthread_atfork(None, None, Some(on_fork_in_child)) == 0 }
    });
}

/// Differs between a process and its forked children. Reading it costs no system call.
fn fork_count() -> u64 {
    FORK_COUNT.load(Ordering::Relaxed)
}

/// Marks the process in which a value was made.
#[derive(Clone, Copy)]
pub(crate) struct ProcessMark(u64);

impl ProcessMark {
    pub(crate) fn current() -> ProcessMark {
        register_fork_handler();
        ProcessMark(fork_count())
    }

    /// Whether this is still the same process, and not a forked child.
    pub(crate) fn is_current(self) -> bool {
        self.0 == fork_count()
    }
}

/// A value that each process has to itself: a forked child gets a new one.
///
/// The parent's value is leaked in the child on purpose. Its locks may be held by threads that the
/// child does not have, and its sockets are still in use by the parent.
pub(crate) struct PerProcess<T> {
    current: ArcSwap<Owned<T>>,
}

struct Owned<T> {
    process: ProcessMark,
    value: T,
}

/// A borrowed [`PerProcess`] value.
pub(crate) struct Current<T>(Guard<Arc<Owned<T>>>);

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> PerProcess<T> {
        PerProcess {
            current: ArcSwap::from_pointee(Owned::new(value)),
        }
    }

    /// The value of this process. `make` is called in a forked child only, perhaps by several threads at
    /// once: one of the values is kept.
    pub(crate) fn get(&self, make: impl FnOnce() -> T) -> Current<T> {
        let current = self.current.load();
        if current.belongs_to_this_process() {
            return Current(current);
        }
        let new = Arc::new(Owned::new(make()));
        let previous = self.current.compare_and_swap(&current, new);
        if !previous.belongs_to_this_process() {
            std::mem::forget(Arc::clone(&previous));
        }
        Current(self.current.load())
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let current = self.current.load_full();
        if !current.belongs_to_this_process() {
            std::mem::forget(current);
        }
    }
}

impl<T> Owned<T> {
    fn new(value: T) -> Owned<T> {
        Owned {
            process: ProcessMark::current(),
            value,
        }
    }

    fn belongs_to_this_process(&self) -> bool {
        self.process.is_current()
    }
}

impl<T> Deref for Current<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

/// Waits for events of an `epoll` descriptor, at most for so many milliseconds (-1: without a limit).
/// Returns the number of events. The wrapper of the C library, because Valgrind misreads the arguments of
/// the system call that rustix makes.
pub(crate) fn epoll_wait(
    epoll: BorrowedFd<'_>,
    events: &mut [libc::epoll_event],
    timeout_ms: i32,
) -> io::Result<usize> {
    let length = i32::try_from(events.len()).unwrap_or(i32::MAX);
    // SAFETY: `events` has room for `length` events, and the descriptor is open.
    let count =
        unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), length, timeout_ms) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// The time since the machine started, including the time for which it was suspended.
pub(crate) fn time_since_boot() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: libc::clockid_t = libc::CLOCK_BOOTTIME;
    // On macOS this clock goes on during sleep.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: `time` has room for what the function writes. Without a change, it is a valid time: zero.
    let time = unsafe {
        libc::clock_gettime(CLOCK, time.as_mut_ptr());
        time.assume_init()
    };
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Runs `start`, which starts a thread, with all signals blocked. The new thread inherits the blocked
/// mask, so it never runs a signal handler of the host program. The caller's mask is restored.
fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
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
