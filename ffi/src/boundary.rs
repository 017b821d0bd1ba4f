//! Where every call comes in and goes out: pointers become text, results become a status and a
//! document, and a panic goes no further.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
use std::panic::{self, AssertUnwindSafe, catch_unwind};

use descope_ml_core::{Error, Status};
use once_cell::race::OnceBool;

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

/// Catches a panic. Core keeps nothing that a panic could leave half-written: what calls share is
/// replaced as a whole, and its locks survive a panic.
fn guard<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    silence_panics();
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Error::internal("at the C boundary")))
}

/// Keeps panics off stderr. The hook is this library's own: it carries its own copy of Rust's
/// runtime, so a host that is written in Rust keeps its hook, and no one else's panic comes here.
fn silence_panics() {
    static SILENCED: OnceBool = OnceBool::new();
    SILENCED.get_or_init(|| {
        panic::set_hook(Box::new(|_| {}));
        true
    });
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
