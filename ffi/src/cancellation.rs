//! Keeps `pthread_cancel` away from a thread that runs the library's code.
//!
//! The C library ends a cancelled thread by unwinding its stack, which Rust code does not survive. Even
//! where it would, a call that ends anywhere leaks what it holds. So a cancel acts when the C function is
//! over.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;

/// Runs the body of a C function. A cancel that comes meanwhile acts at its end: at once if the cancel type
/// of the thread is asynchronous, otherwise at its next cancellation point.
///
/// It is the outermost of what a C function does: the thread may end in the last line. Nothing is left to
/// be dropped then, and the C function has no code for unwinding, since the compiler takes neither call for
/// one that unwinds. So the C library can remove its frame from the stack like one of C.
#[inline(always)]
pub(crate) fn without_cancellation<T, F: FnOnce() -> T>(body: F) -> T {
    let mut body = ManuallyDrop::new(body);
    let previous = state::disable();
    // SAFETY: nobody else uses the body.
    let result = unsafe { run(&mut body) };
    state::restore(previous);
    result
}

/// Runs the body. `extern "C"`: no panic leaves it.
///
/// # Safety
///
/// The body must not be used again.
#[inline(never)]
#[allow(
    improper_ctypes_definitions,
    reason = "only the caller above knows this function"
)]
unsafe extern "C" fn run<T, F: FnOnce() -> T>(body: &mut ManuallyDrop<F>) -> T {
    // SAFETY: the caller guarantees it.
    let body = unsafe { ManuallyDrop::take(body) };
    body()
}

/// The cancel state of the thread. It is not part of the header: cbindgen would take it for our function.
///
/// cbindgen:ignore
#[cfg(all(unix, not(target_os = "android")))]
mod state {
    use std::ffi::c_int;
    use std::ptr;

    #[cfg(not(target_vendor = "apple"))]
    const PTHREAD_CANCEL_DISABLE: c_int = 1;
    #[cfg(target_vendor = "apple")]
    const PTHREAD_CANCEL_DISABLE: c_int = 0;

    unsafe extern "C" {
        // The libc crate does not have it. It is `extern "C"` although a pending cancel may unwind in it:
        // see `without_cancellation`.
        fn pthread_setcancelstate(state: c_int, previous: *mut c_int) -> c_int;
    }

    #[inline(always)]
    pub(super) fn disable() -> c_int {
        let mut previous = PTHREAD_CANCEL_DISABLE;
        // SAFETY: `previous` is writable.
        unsafe { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &raw mut previous) };
        previous
    }

    #[inline(always)]
    pub(super) fn restore(previous: c_int) {
        // SAFETY: the state is one that `disable` has found, and NULL is allowed.
        unsafe { pthread_setcancelstate(previous, ptr::null_mut()) };
    }
}

/// Windows and Android have no `pthread_cancel`.
///
/// cbindgen:ignore
#[cfg(not(all(unix, not(target_os = "android"))))]
mod state {
    pub(super) struct CancelState;

    #[inline(always)]
    pub(super) fn disable() -> CancelState {
        CancelState
    }

    #[inline(always)]
    pub(super) fn restore(_: CancelState) {}
}
