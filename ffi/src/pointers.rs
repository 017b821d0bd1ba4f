//! C pointers: strings in, strings and values out.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::slice;

use descope_ml_core::Error;
use descope_ml_core::json::MAX_TEXT_BYTES;

/// How much of a text is read at most. That is more than core accepts, by the length of a character, so core
/// refuses a text that is cut here.
const MAX_LENGTH: usize = MAX_TEXT_BYTES + 4;

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
    // SAFETY: not NULL. The caller guarantees that it ends with a NUL, and nothing behind that is read.
    let length = unsafe { libc::strnlen(text, MAX_LENGTH) };
    // SAFETY: there are so many bytes before the NUL, and the caller guarantees that they outlive `'a`.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), length) };
    utf8(bytes, name).map(Some)
}

/// Reads the string argument `name`, which has this length and need not end with a NUL.
///
/// # Safety
///
/// `text` is NULL, or has `length` bytes that do not change during the lifetime.
pub(crate) unsafe fn text_of_length<'a>(
    text: *const c_char,
    length: usize,
    name: &str,
) -> Result<&'a str, Error> {
    if length == 0 {
        return Ok("");
    }
    // No object is larger than that.
    if text.is_null() || isize::try_from(length).is_err() {
        return Err(Error::argument(format!(
            "the argument `{name}` is NULL or its length is wrong: pass a string and its length in bytes"
        )));
    }
    // SAFETY: not NULL and not too long. The caller guarantees that it has so many bytes and outlives `'a`.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), length.min(MAX_LENGTH)) };
    utf8(bytes, name)
}

/// The text of bytes, of which there are at most [`MAX_LENGTH`].
fn utf8<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str, Error> {
    let text = match std::str::from_utf8(bytes) {
        // The last character was cut.
        Err(error) if bytes.len() == MAX_LENGTH && error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default())
        }
        text => text,
    };
    text.map_err(|_| {
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

/// Copies a text and a NUL. No reference to the text may be used after that, if the target overlaps it.
///
/// # Safety
///
/// `text` is readable, and `target` has room for both.
pub(crate) unsafe fn copy_text(text: *const str, target: *mut c_char) {
    let bytes = text as *const [u8];
    // SAFETY: the caller guarantees it.
    unsafe {
        std::ptr::copy(bytes.cast::<c_char>(), target, bytes.len());
        target.add(bytes.len()).write(0);
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
