//! What all callbacks of the host program have in common: their userdata, and that they do not nest.
#![allow(unsafe_code)]

use std::cell::Cell;
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

thread_local! {
    /// Whether this thread is inside a callback.
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a callback.
pub(crate) fn is_in_callback() -> bool {
    IN_CALLBACK.get()
}

/// Runs a callback, unless this thread is inside one.
pub(crate) fn run_callback(callback: impl FnOnce()) {
    if !IN_CALLBACK.replace(true) {
        callback();
        IN_CALLBACK.set(false);
    }
}
