//! Threads of Windows.

use std::ffi::{CStr, c_void};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::System::Threading::{
    CreateThread, INFINITE, STACK_SIZE_PARAM_IS_A_RESERVATION, WaitForSingleObject,
};

/// What a thread does. It must not panic.
type Work = Box<dyn FnOnce() + Send>;

/// A thread that was started. If it is dropped, the thread goes on.
pub(crate) struct JoinHandle(OwnedHandle);

impl JoinHandle {
    /// Starts a thread.
    pub(crate) fn start(stack_size: usize, work: Work) -> io::Result<JoinHandle> {
        let argument = Box::into_raw(Box::new(work));
        // SAFETY: `run` takes the argument, which nobody else uses then.
        let handle = unsafe {
            CreateThread(
                ptr::null(),
                stack_size,
                Some(run),
                argument.cast(),
                STACK_SIZE_PARAM_IS_A_RESERVATION,
                ptr::null_mut(),
            )
        };
        if handle.is_null() {
            let error = io::Error::last_os_error();
            // SAFETY: it came from `Box::into_raw`, and no thread was started that would use it.
            drop(unsafe { Box::from_raw(argument) });
            return Err(error);
        }
        // SAFETY: the handle was just made, and nobody else has it.
        Ok(JoinHandle(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// Waits for the end of the thread.
    pub(crate) fn join(self) {
        // SAFETY: the handle is open.
        unsafe { WaitForSingleObject(self.0.as_raw_handle(), INFINITE) };
    }
}

unsafe extern "system" fn run(argument: *mut c_void) -> u32 {
    // SAFETY: it came from `Box::into_raw` in `JoinHandle::start`, which has left it to this thread.
    let work = unsafe { Box::from_raw(argument.cast::<Work>()) };
    (*work)();
    0
}

/// The thread has no name: not all versions of Windows that are supported can give it one.
pub(crate) fn set_thread_name(_name: &'static CStr) {}
