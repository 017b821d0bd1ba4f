//! What an event loop waits for: the event object of a queue.

use std::ffi::c_void;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle};

/// Says when a queue has something to do: an event object that is signaled then. Do nothing with it but wait, for
/// example in `WaitForMultipleObjects` or `MsgWaitForMultipleObjects`.
#[derive(Clone, Copy, Debug)]
pub struct Readiness<'a>(BorrowedHandle<'a>);

impl<'a> Readiness<'a> {
    pub(crate) fn new(event: BorrowedHandle<'a>) -> Readiness<'a> {
        Readiness(event)
    }

    /// The number of a descriptor, which Windows does not have.
    #[must_use]
    pub fn raw_fd(self) -> Option<i32> {
        None
    }

    /// The handle of the event object.
    #[must_use]
    pub fn raw_event(self) -> Option<*mut c_void> {
        Some(self.0.as_raw_handle())
    }
}

impl AsHandle for Readiness<'_> {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0
    }
}
