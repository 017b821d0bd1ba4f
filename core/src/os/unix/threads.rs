//! Threads of POSIX.

use std::ffi::c_void;
use std::io;
use std::mem::{self, MaybeUninit};
use std::ptr;

use super::signals::BlockedSignals;

/// What a thread does. It must not panic.
pub(crate) type Work = Box<dyn FnOnce() + Send>;

/// A thread that was started. If it is dropped, the thread goes on.
pub(crate) struct JoinHandle(libc::pthread_t);

// SAFETY: any thread may join or detach it.
unsafe impl Send for JoinHandle {}

impl JoinHandle {
    /// Starts a thread, with all signals blocked.
    pub(crate) fn start(stack_size: usize, work: Work) -> io::Result<JoinHandle> {
        let argument = Box::into_raw(Box::new(work));
        // The new thread inherits the mask, so it never runs a signal handler of the host program.
        let blocked = BlockedSignals::all();
        let created = create(stack_size, argument);
        drop(blocked);
        if created.is_err() {
            // SAFETY: it came from `Box::into_raw`, and no thread was started that would use it.
            drop(unsafe { Box::from_raw(argument) });
        }
        created.map(JoinHandle)
    }

    /// Waits for the end of the thread.
    pub(crate) fn join(self) {
        // SAFETY: the thread was neither joined nor detached: either takes this value.
        unsafe { libc::pthread_join(self.0, ptr::null_mut()) };
        mem::forget(self);
    }
}

impl Drop for JoinHandle {
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
    // SAFETY: it came from `Box::into_raw` in `JoinHandle::start`, which has left it to this thread.
    let work = unsafe { Box::from_raw(argument.cast::<Work>()) };
    (*work)();
    ptr::null_mut()
}
