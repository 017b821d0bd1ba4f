//! C pointers: strings in, strings and values out.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use descope_ml_core::Error;

/// Reads the string argument `name`.
///
/// # Safety
///
/// `text` is NULL or a NUL-terminated string that does not change during the lifetime.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Error> {
    // SAFETY: the caller guarantees it.
    match unsafe { optional_text(text, name) }? {
        Some(text) => Ok(text),
        None => Err(Error::argument(format!(
            "the argument `{name}` is NULL: pass a NUL-terminated string"
        ))),
    }
}

/// Reads the string argument `name`. `None` for NULL.
///
/// # Safety
///
/// As for [`text`].
pub(crate) unsafe fn optional_text<'a>(
    text: *const c_char,
    name: &str,
) -> Result<Option<&'a str>, Error> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL. The caller guarantees that it ends with a NUL and outlives `'a`.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map(Some).map_err(|_| {
        Error::argument(format!(
            "the argument `{name}` is not UTF-8: convert it first"
        ))
    })
}

/// Copies a text into a C string from `malloc`. NULL if there is no memory.
pub(crate) fn c_string(text: &str) -> *mut c_char {
    // SAFETY: `malloc` accepts any size.
    let memory = unsafe { libc::malloc(text.len() + 1) }.cast::<c_char>();
    if !memory.is_null() {
        // SAFETY: `memory` has room for the text and the NUL, and nobody else has it yet.
        unsafe { copy_text(text, memory) };
    }
    memory
}

/// Copies a text and a NUL.
///
/// # Safety
///
/// `target` has room for both.
pub(crate) unsafe fn copy_text(text: &str, target: *mut c_char) {
    // SAFETY: the caller guarantees it.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr().cast(), target, text.len());
        target.add(text.len()).write(0);
    }
}

/// Writes to an out-parameter. Does nothing if it is NULL.
///
/// # Safety
///
/// `out` is NULL or writable.
pub(crate) unsafe fn write_out<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not NULL. The caller guarantees that it is writable.
        unsafe { out.write(value) };
    }
}
