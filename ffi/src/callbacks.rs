//! The userdata of callbacks.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Frees the userdata of a callback.
pub(crate) type UserdataFree = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// The userdata of a callback. It is freed when the callback can no longer run.
pub(crate) struct Userdata {
    /// Never dereferenced. An `AtomicPtr` because a raw pointer cannot be shared between threads.
    pointer: AtomicPtr<c_void>,
    free: UserdataFree,
}

impl Userdata {
    pub(crate) fn new(pointer: *mut c_void, free: UserdataFree) -> Userdata {
        Userdata {
            pointer: AtomicPtr::new(pointer),
            free,
        }
    }

    pub(crate) fn pointer(&self) -> *mut c_void {
        self.pointer.load(Ordering::Relaxed)
    }
}

impl Drop for Userdata {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: the header requires a function that can be called from any thread with this
            // userdata. It is called once, since nobody else has this value.
            unsafe { free(self.pointer()) };
        }
    }
}
