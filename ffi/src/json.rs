//! `descope_json_*` and `descope_string_free`: documents for callers without a JSON library.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ffi::{c_char, c_void};

use descope_ml_core::{Error, Status, json};

use crate::boundary::run_with_status;
use crate::pointers::{
    c_string, copy_text, optional_text, text as read_text, text_of_length, write_out,
};

/// Sets a string in a JSON document and escapes it as necessary.
///
/// doc       the address of the document. If *doc is NULL, a new document is created. The old string
///           is freed and *doc receives the new one, so *doc must come from this library (or malloc)
/// pointer   where, an RFC 6901 pointer: "/loginId", "/loginOptions/locale". Missing objects on the
///           way are created
/// text      the string, UTF-8. pointer and text may be parts of *doc
///
/// Returns DESCOPE_OK, DESCOPE_E_ARGUMENT, DESCOPE_E_NOT_FOUND (an array index beyond the end) or
/// DESCOPE_E_MEMORY. On failure *doc does not change. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_set(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    text: *const c_char,
) -> i32 {
    // SAFETY: the header requires what `edit` requires.
    unsafe { edit(doc, pointer, json::set, || read_text(text, "text")) }
}

/// Sets a string of a given length in a JSON document, for languages whose strings can contain a NUL.
/// A NUL in it is written as \\u0000.
///
/// doc       as for descope_json_set
/// pointer   as for descope_json_set
/// text      the string, UTF-8; it need not end with a NUL. NULL if length is 0
/// length    its length in bytes
///
/// pointer and text may be parts of *doc. Returns the same as descope_json_set. Call it from any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_set_n(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    text: *const c_char,
    length: usize,
) -> i32 {
    // SAFETY: the header requires what `edit` requires, and `length` readable bytes at `text`.
    unsafe {
        edit(doc, pointer, json::set, || {
            text_of_length(text, length, "text")
        })
    }
}

/// Sets any JSON value in a JSON document: true, 7, {"a": 1}.
///
/// doc       as for descope_json_set
/// pointer   as for descope_json_set
/// json      the value, as JSON. pointer and json may be parts of *doc
///
/// Returns the same as descope_json_set. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_put(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    json: *const c_char,
) -> i32 {
    // SAFETY: as for `descope_json_set`.
    unsafe { edit(doc, pointer, json::put, || read_text(json, "json")) }
}

/// Reads a value from a JSON document: a string without quotes and escapes, any other value as JSON.
///
/// doc       the document
/// pointer   which value, an RFC 6901 pointer: "/maskedPhone", "/error/errorCode"; "" is the whole
///           document
/// buf       receives the value, NUL-terminated, or "" on failure; NULL with cap 0 asks only for the
///           size and returns DESCOPE_E_BUFFER
/// cap       the size of buf in bytes
/// needed    NULL, or receives the size that the value needs, including the NUL; 0 if there is no
///           value
///
/// Returns DESCOPE_OK, DESCOPE_E_BUFFER (buf is too small), DESCOPE_E_NOT_FOUND, DESCOPE_E_MEMORY or
/// DESCOPE_E_ARGUMENT. A string that contains a NUL is DESCOPE_E_ARGUMENT too, since a C string
/// cannot hold it. buf may be, or overlap, doc and pointer: they are read first. Call it from any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_get(
    doc: *const c_char,
    pointer: *const c_char,
    buf: *mut c_char,
    cap: usize,
    needed: *mut usize,
) -> i32 {
    let has_buffer = !buf.is_null() && cap > 0;
    // SAFETY: the header requires strings that are NULL or end with a NUL, a `needed` that is NULL or
    // writable, and `cap` writable bytes at `buf` if it is not NULL.
    unsafe {
        let mut size = 0;
        let status = run_with_status(|| {
            let value = json::get(read_text(doc, "doc")?, read_text(pointer, "pointer")?)?;
            // `doc` itself ends with the first NUL.
            if matches!(&value, Cow::Owned(text) if text.contains('\0')) {
                return Ok(Status::Argument);
            }
            size = value.len() + 1;
            if !has_buffer || cap < size {
                return Ok(Status::Buffer);
            }
            // The value may be a part of `doc`, which `buf` may overlap.
            copy_text(&raw const *value, buf);
            Ok(Status::Ok)
        });
        if has_buffer && status != Status::Ok.code() {
            buf.write(0);
        }
        write_out(needed, size);
        status
    }
}

/// Frees a string that the library returned.
///
/// s   from an out-parameter of this library; NULL does nothing
///
/// The strings come from malloc, so free does the same. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_string_free(s: *mut c_char) {
    // SAFETY: the header requires that `s` is NULL or came from this library, so from `malloc`, and that
    // it is freed once.
    unsafe { libc::free(s.cast::<c_void>()) };
}

/// From a document, a pointer and a value to the new document.
type Edit = fn(Option<&str>, &str, &str) -> Result<String, Error>;

/// Replaces `*doc` with the result of `apply`.
///
/// # Safety
///
/// `doc` is NULL or points to NULL or a string from `malloc`; `pointer` is NULL or ends with a NUL.
unsafe fn edit<'a>(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    apply: Edit,
    value: impl FnOnce() -> Result<&'a str, Error>,
) -> i32 {
    // SAFETY: the caller guarantees it.
    unsafe {
        run_with_status(|| {
            let Some(doc) = doc.as_mut() else {
                return Ok(Status::Argument);
            };
            let old = optional_text(*doc, "doc")?;
            let new = apply(old, read_text(pointer, "pointer")?, value()?)?;
            let new = c_string(&new);
            if new.is_null() {
                return Ok(Status::Memory);
            }
            descope_string_free(std::mem::replace(doc, new));
            Ok(Status::Ok)
        })
    }
}
