//! The threads that the library starts, and IDs for all threads that use it.
//!
//! Not those of the standard library: its handles end the process where there is no memory for one.

use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::signals::BlockedSignals;

thread_local! {
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// Identifies a thread of this process. Unlike the ID of the standard library, it allocates nothing, which for the
/// main thread would never be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadId(usize);

impl ThreadId {
    /// The ID of this thread. No other thread has ever had it.
    pub(crate) fn current() -> ThreadId {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            /// 0: none yet.
            static CURRENT: Cell<usize> = const { Cell::new(0) };
        }
        ThreadId(match CURRENT.get() {
            0 => {
                let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
                CURRENT.set(id);
                id
            }
            id => id,
        })
    }

    /// Threads are numbered in the order of their first call, from 1.
    pub(crate) fn number(self) -> usize {
        self.0
    }
}

/// Whether the library has started the calling thread.
#[must_use]
pub fn is_library_thread() -> bool {
    IS_OURS.get()
}

/// A thread that the library has started. If it is dropped, the thread goes on.
pub(crate) struct Thread(libc::pthread_t);

// SAFETY: any thread may join or detach it.
unsafe impl Send for Thread {}

type Work = Box<dyn FnOnce() + Send>;

impl Thread {
    /// Starts a thread, with all signals blocked: it never runs a signal handler of the host program. A panic ends
    /// the thread and nothing else.
    ///
    /// # Errors
    ///
    /// The limit of threads is reached, or there is no memory.
    pub(crate) fn start(
        name: &'static CStr,
        stack_size: usize,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<Thread> {
        let work = move || {
            set_name(name);
            work();
        };
        let work: Work = Box::new(work);
        let argument = Box::into_raw(Box::new(work));
        // The new thread inherits the mask.
        let blocked = BlockedSignals::all();
        let created = create(stack_size, argument);
        drop(blocked);
        if created.is_err() {
            // SAFETY: it came from `Box::into_raw`, and no thread was started that would use it.
            drop(unsafe { Box::from_raw(argument) });
        }
        created.map(Thread)
    }

    /// Waits for the end of the thread.
    pub(crate) fn join(self) {
        // SAFETY: the thread was neither joined nor detached: either takes this value.
        unsafe { libc::pthread_join(self.0, std::ptr::null_mut()) };
        std::mem::forget(self);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: as in `join`.
        unsafe { libc::pthread_detach(self.0) };
    }
}

fn create(stack_size: usize, argument: *mut Work) -> io::Result<libc::pthread_t> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    // SAFETY: the attributes are initialised before they are used, and destroyed afterwards. `thread` is
    // initialised if the thread was created. `run` takes the argument, which nobody else uses then.
    unsafe {
        check(libc::pthread_attr_init(attributes.as_mut_ptr()))?;
        let mut result = check(libc::pthread_attr_setstacksize(
            attributes.as_mut_ptr(),
            stack_size,
        ));
        if result.is_ok() {
            result = check(libc::pthread_create(
                thread.as_mut_ptr(),
                attributes.as_ptr(),
                run,
                argument.cast(),
            ));
        }
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        result.map(|()| thread.assume_init())
    }
}

fn check(error: libc::c_int) -> io::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

extern "C" fn run(argument: *mut c_void) -> *mut c_void {
    IS_OURS.set(true);
    // SAFETY: it came from `Box::into_raw` in `Thread::start`, which has left it to this thread.
    let work = unsafe { Box::from_raw(argument.cast::<Work>()) };
    // Nobody asks how the thread has ended. Whoever waits for its work looks at what it has done.
    let _ = catch_unwind(AssertUnwindSafe(*work));
    std::ptr::null_mut()
}

/// Sets the name of the calling thread, for debuggers and `top`.
fn set_name(name: &'static CStr) {
    // SAFETY: the name ends with a NUL.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    unsafe {
        libc::pthread_setname_np(libc::pthread_self(), name.as_ptr());
    }
    // SAFETY: as above.
    #[cfg(target_vendor = "apple")]
    unsafe {
        libc::pthread_setname_np(name.as_ptr());
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    let _ = name;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    const STACK: usize = 256 * 1024;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_has_a_name_an_id_and_no_signals() {
        let (sender, receiver) = channel();
        let report = move || {
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            let field = |name: &str| {
                let mut lines = status.lines();
                lines.find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
            };
            let facts = (field("Name:"), field("SigBlk:"), is_library_thread());
            sender.send((facts, ThreadId::current())).unwrap();
        };
        Thread::start(c"descope-test", STACK, report)
            .unwrap()
            .join();
        let ((name, blocked, is_ours), id) = receiver.recv().unwrap();
        assert_eq!(name.as_deref(), Some("descope-test"));
        // Those that cannot be blocked, and those of the C library, are not in the mask.
        assert!(blocked.is_some_and(|mask| mask.starts_with("fffffff")));
        assert!(is_ours && !is_library_thread());
        assert_ne!(id, ThreadId::current());
    }

    #[test]
    fn a_panic_ends_the_thread_and_nothing_else() {
        let (sender, receiver) = channel::<()>();
        let work = move || {
            let _sender = sender;
            std::panic::resume_unwind(Box::new("expected"));
        };
        Thread::start(c"descope-test", STACK, work).unwrap().join();
        assert!(receiver.recv().is_err());
    }

    #[test]
    fn a_thread_that_cannot_be_started_is_an_error() {
        let (sender, receiver) = channel::<()>();
        let work = move || drop(sender);
        assert!(Thread::start(c"descope-test", 1, work).is_err());
        assert!(receiver.recv().is_err());
    }

    #[test]
    fn each_thread_has_one_id_that_no_other_had() {
        let own = ThreadId::current();
        let ended = std::thread::spawn(ThreadId::current).join().unwrap();
        let other = std::thread::spawn(ThreadId::current).join().unwrap();
        assert!(own != ended && own != other && ended != other);
        assert_eq!(own, ThreadId::current());
    }
}
