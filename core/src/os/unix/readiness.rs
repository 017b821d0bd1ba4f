//! What an event loop waits for: the descriptor of a queue.

use std::ffi::c_void;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// Says when a queue has something to do: a descriptor that is readable then. Do nothing with it but wait.
#[derive(Clone, Copy, Debug)]
pub struct Readiness<'a>(BorrowedFd<'a>);

impl<'a> Readiness<'a> {
    pub(crate) fn new(descriptor: BorrowedFd<'a>) -> Readiness<'a> {
        Readiness(descriptor)
    }

    /// The number of the descriptor.
    #[must_use]
    pub fn raw_fd(self) -> Option<i32> {
        Some(self.0.as_raw_fd())
    }

    /// The handle of an event object, which only Windows has.
    #[must_use]
    pub fn raw_event(self) -> Option<*mut c_void> {
        None
    }
}

impl AsFd for Readiness<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0
    }
}
