//! Panics: the library's own stay off stderr, the host program's go on to the host's hook.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use descope_ml_core::is_library_thread;
use descope_ml_core::memory::{self, Shortage};

thread_local! {
    /// Whether this thread is inside a call.
    static IN_CALL: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as inside a call until it is dropped.
///
/// Calls nest: a log callback may call the library. So the end of the inner call must leave the mark of
/// the outer one.
pub(crate) struct CallMark {
    outer: bool,
    /// What happens to memory during this call is no matter of the outer one.
    _watch: memory::Watch,
}

impl CallMark {
    pub(crate) fn set() -> CallMark {
        CallMark {
            outer: IN_CALL.replace(true),
            _watch: memory::Watch::start(Shortage::None),
        }
    }
}

impl Drop for CallMark {
    fn drop(&mut self) {
        IN_CALL.set(self.outer);
    }
}

/// Whether the panic hook was installed.
static IS_INSTALLED: AtomicBool = AtomicBool::new(false);

/// Whether the library was called in this process.
pub(crate) fn was_called() -> bool {
    IS_INSTALLED.load(Ordering::Relaxed)
}

/// The hook that was there before. Written once, by the thread that installs the hook.
static PREVIOUS: OnceLock<PanicHook> = OnceLock::new();

type PanicHook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

/// Installs the panic hook on the first call of the process.
pub(crate) fn silence_library_panics() {
    // A thread that is unwinding may not change the hook. Such a thread can only be the host's.
    if IS_INSTALLED.load(Ordering::Relaxed) || thread::panicking() {
        return;
    }
    // A second thread does not wait for the first: after a fork at this point it would wait forever.
    if !IS_INSTALLED.swap(true, Ordering::Relaxed) {
        install_hook();
    }
}

/// Wraps the current panic hook in one that ignores the library's panics.
///
/// The shared library, and on Linux the static one, have their own copy of Rust's runtime, so their own
/// hook. Elsewhere the static library may share runtime and hook with a host program in Rust, whose panics
/// must still reach the hook that was there.
fn install_hook() {
    // Not in the closure, so that the hook needs no memory: nothing frees it when a plug-in is unloaded.
    let _ = PREVIOUS.set(panic::take_hook());
    panic::set_hook(Box::new(|info| {
        let previous = PREVIOUS.get().filter(|_| !is_library_code());
        if let Some(previous) = previous {
            previous(info);
        }
    }));
}

/// Whether this thread runs the library's code: inside a call, or as a thread that core started.
fn is_library_code() -> bool {
    IN_CALL.get() || is_library_thread()
}

/// Panics for the operation `test/panic`, in builds for the test of the boundary.
#[cfg(feature = "test-panic")]
#[allow(clippy::panic, reason = "the test needs a panic")]
pub(crate) fn panic_if_requested(operation: &str) {
    if operation == "test/panic" {
        panic!("requested by the test");
    }
}

#[cfg(not(feature = "test-panic"))]
pub(crate) fn panic_if_requested(_: &str) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boundary::run_with_status;
    use descope_ml_core::Status;
    use std::panic::catch_unwind;
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Mutex, PoisonError};

    /// How many panics reach the host's hook while `work` runs. The library's hook is not installed yet
    /// when `work` starts.
    fn panics_that_the_host_sees(work: fn()) -> usize {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        static SEEN: AtomicUsize = AtomicUsize::new(0);
        let _lock = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        panic::set_hook(Box::new(|_| {
            SEEN.fetch_add(1, Ordering::SeqCst);
        }));
        IS_INSTALLED.store(false, Ordering::SeqCst);
        SEEN.store(0, Ordering::SeqCst);
        work();
        let seen = SEEN.load(Ordering::SeqCst);
        let _ = panic::take_hook();
        seen
    }

    fn panic_in_a_call() {
        let status = run_with_status(|| panic!("the library's"));
        assert_eq!(status, Status::Internal.code());
    }

    fn panic_of_the_host() {
        assert!(catch_unwind(|| panic!("the host's")).is_err());
    }

    #[test]
    fn a_panic_in_a_call_becomes_a_status_and_is_silenced() {
        assert_eq!(panics_that_the_host_sees(panic_in_a_call), 0);
    }

    #[test]
    fn a_panic_after_a_nested_call_is_silenced() {
        let seen = panics_that_the_host_sees(|| {
            let status = run_with_status(|| {
                run_with_status(|| Ok(Status::Ok));
                panic!("the library's")
            });
            assert_eq!(status, Status::Internal.code());
        });
        assert_eq!(seen, 0);
    }

    #[test]
    fn a_panic_of_the_host_is_not_silenced() {
        let seen = panics_that_the_host_sees(|| {
            silence_library_panics();
            panic_of_the_host();
        });
        assert_eq!(seen, 1);
    }

    #[test]
    fn a_panic_of_the_host_after_a_call_is_not_silenced() {
        let seen = panics_that_the_host_sees(|| {
            panic_in_a_call();
            panic_of_the_host();
        });
        assert_eq!(seen, 1);
    }
}
