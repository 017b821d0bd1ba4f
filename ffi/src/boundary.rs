//! Where every call comes in and goes out: pointers become text, results become a status and a
//! document, and a panic goes no further.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use descope_ml_core::{Error, Status};

/// Runs the body of a function that answers with a document: clears `*out`, and puts the answer or
/// the error document into it.
///
/// # Safety
///
/// `out` is NULL or points to a `char *` that may be written.
pub(crate) unsafe fn answer(
    out: *mut *mut c_char,
    body: impl FnOnce() -> Result<String, Error>,
) -> i32 {
    // SAFETY: the caller vouches for `out`; NULL is checked by `put`.
    unsafe { put(out, std::ptr::null_mut()) };
    let (status, document) = match guard(body) {
        Ok(document) => (Status::Ok, document),
        Err(error) => (error.status(), error.to_json()),
    };
    if out.is_null() {
        return status.code();
    }
    match allocate(&document) {
        Some(document) => {
            // SAFETY: as above.
            unsafe { put(out, document) };
            status.code()
        }
        None => Status::Internal.code(),
    }
}

/// Runs the body of a function that answers with its status alone.
pub(crate) fn status(body: impl FnOnce() -> Result<Status, Error>) -> i32 {
    guard(body).unwrap_or_else(|error| error.status()).code()
}

thread_local! {
    /// Whether this thread is inside a call.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Catches a panic. Core keeps nothing that a panic could leave half-written: what calls share is
/// replaced as a whole, and its locks survive a panic.
fn guard<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    silence_panics();
    INSIDE.set(true);
    let caught = catch_unwind(AssertUnwindSafe(body));
    INSIDE.set(false);
    caught.unwrap_or_else(|_| Err(Error::internal("running a C function")))
}

/// Keeps this library's panics off stderr, and nobody else's. The shared library carries a copy of
/// Rust's runtime of its own, and so a hook of its own. The static one may share both with a host
/// that is written in Rust: what is not ours goes on to the hook that was there before.
fn silence_panics() {
    static SILENCED: AtomicBool = AtomicBool::new(false);
    // A thread of the host's that is unwinding may not change the hook.
    if SILENCED.load(Ordering::Relaxed) || thread::panicking() {
        return;
    }
    // Whoever comes second goes on without waiting: a fork in between must leave nothing to wait for.
    if SILENCED.swap(true, Ordering::Relaxed) {
        return;
    }
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !panicked_inside() {
            before(info);
        }
    }));
}

/// Whether this thread is one of ours: in a call, or one that core started, which its name tells.
fn panicked_inside() -> bool {
    INSIDE.get()
        || thread::current()
            .name()
            .is_some_and(|name| name.starts_with("descope-"))
}

/// The text that a caller handed in; `name` is the argument's.
///
/// # Safety
///
/// `text` is NULL or a NUL-terminated string that stays as it is for the lifetime.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Error> {
    // SAFETY: the caller vouches for `text`.
    match unsafe { optional_text(text, name) }? {
        Some(text) => Ok(text),
        None => Err(Error::argument(format!(
            "the argument `{name}` is NULL: pass a NUL-terminated string"
        ))),
    }
}

/// The text that a caller handed in, or nothing for NULL.
///
/// # Safety
///
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(
    text: *const c_char,
    name: &str,
) -> Result<Option<&'a str>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and the caller vouches that it ends with a NUL and outlives `'a`.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map(Some).map_err(|_| {
        Error::argument(format!(
            "the argument `{name}` is not UTF-8: convert it first"
        ))
    })
}

/// Copies a text to memory from `malloc`, NUL-terminated; `None` when there is none left.
pub(crate) fn allocate(text: &str) -> Option<*mut c_char> {
    // SAFETY: `malloc` may be called with any size.
    let memory = unsafe { libc::malloc(text.len() + 1) }.cast::<u8>();
    if memory.is_null() {
        return None;
    }
    // SAFETY: `memory` has room for the text and the NUL, and is nobody else's yet.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), memory, text.len());
        memory.add(text.len()).write(0);
    }
    Some(memory.cast())
}

/// Writes through an out-parameter, which may be NULL.
///
/// # Safety
///
/// `place` is NULL or may be written.
pub(crate) unsafe fn put<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not NULL, and the caller vouches for the rest.
        unsafe { place.write(value) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn a_host_in_rust_hears_of_its_own_panics_and_of_none_of_ours() {
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        let heard_while = |work: fn()| {
            let before = HEARD.load(Ordering::SeqCst);
            work();
            HEARD.load(Ordering::SeqCst) - before
        };
        panic::set_hook(Box::new(|_| {
            HEARD.fetch_add(1, Ordering::SeqCst);
        }));

        let ours = heard_while(|| {
            let result = guard::<()>(|| panic!("ours"));
            assert_eq!(result.map_err(|e| e.status()), Err(Status::Internal));
        });
        let of_our_thread = heard_while(|| {
            let builder = thread::Builder::new().name("descope-name".to_owned());
            let thread = builder.spawn(|| panic!("ours")).unwrap();
            assert!(thread.join().is_err());
        });
        let the_hosts = heard_while(|| {
            assert!(catch_unwind(|| panic!("the host's")).is_err());
        });

        let _ = panic::take_hook();
        assert_eq!((ours, of_our_thread, the_hosts), (0, 0, 1));
    }
}
