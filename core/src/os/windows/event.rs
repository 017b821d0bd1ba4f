//! Event objects.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{FALSE, TRUE, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, ResetEvent, SetEvent, WaitForSingleObject,
};

/// An event object that stays signaled until it is reset. Child processes do not inherit it.
pub(crate) struct Event(OwnedHandle);

impl Event {
    pub(crate) fn new() -> io::Result<Event> {
        // SAFETY: neither security attributes nor a name are given.
        let handle = unsafe { CreateEventW(ptr::null(), TRUE, FALSE, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made, and nobody else has it.
        Ok(Event(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// Signals the event.
    pub(crate) fn set(&self) {
        // SAFETY: the handle is open. It fails only for one that is not.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }

    /// Ends what [`Event::set`] did.
    pub(crate) fn reset(&self) {
        // SAFETY: as in `set`.
        unsafe { ResetEvent(self.0.as_raw_handle()) };
    }

    /// Waits until the event is signaled, at most for this time. `None`: without a limit. Returns whether it is.
    ///
    /// # Errors
    ///
    /// What the system says, if the host program has closed the handle.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> io::Result<bool> {
        // SAFETY: the handle is open, or the function fails.
        match unsafe { WaitForSingleObject(self.0.as_raw_handle(), milliseconds(timeout)) } {
            WAIT_OBJECT_0 => Ok(true),
            WAIT_FAILED => Err(io::Error::last_os_error()),
            _ => Ok(false),
        }
    }
}

impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// A timeout for waiting functions, rounded up.
fn milliseconds(timeout: Option<Duration>) -> u32 {
    let Some(timeout) = timeout else {
        return INFINITE;
    };
    let rounded_up = timeout.as_nanos().div_ceil(1_000_000);
    u32::try_from(rounded_up).map_or(INFINITE - 1, |time| time.min(INFINITE - 1))
}
