//! `descope_json_*` and `descope_string_free`: documents for callers without a JSON library.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};

use descope_ml_core::{Error, Status, json};

use crate::boundary::{allocate, optional_text, put, status, text};
use crate::call::null;

/// Sets a string in a JSON document, with whatever escaping it needs.
///
/// doc       the document, replaced by the new one; *doc NULL starts one; what *doc pointed to
///           before is freed, so it must come from this library (or from malloc)
/// pointer   where, by RFC 6901: "/loginId", "/loginOptions/locale"; objects on the way are made
/// text      the string, UTF-8
///
/// Returns DESCOPE_OK, DESCOPE_E_ARGUMENT, DESCOPE_E_NOT_FOUND (an array index beyond the end) or
/// DESCOPE_E_INTERNAL (no memory); on failure *doc stays as it was. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_set(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    text: *const c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `write`.
    unsafe { write(doc, pointer, text, "text", json::set) }
}

/// Sets any JSON value in a JSON document: true, 7, {"a": [1]}.
///
/// doc       as for descope_json_set
/// pointer   as for descope_json_set
/// json      the value, as JSON
///
/// Returns as descope_json_set. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_put(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    json: *const c_char,
) -> i32 {
    // SAFETY: as for `descope_json_set`.
    unsafe { write(doc, pointer, json, "json", json::put) }
}

/// Reads a value from a JSON document: a string as its text, anything else as JSON.
///
/// doc       the document
/// pointer   what, by RFC 6901: "/maskedPhone", "/error/errorCode"; "" is the whole document
/// buf       where the value goes, always NUL-terminated; NULL (with cap 0) only asks for the size
/// cap       the size of buf in bytes
/// needed    NULL, or where the size goes that the value needs, its NUL included
///
/// Returns DESCOPE_OK, DESCOPE_E_BUFFER (buf holds ""), DESCOPE_E_NOT_FOUND or DESCOPE_E_ARGUMENT; a
/// string with a NUL in it, which C text cannot hold, is DESCOPE_E_ARGUMENT too. May be called from
/// any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_json_get(
    doc: *const c_char,
    pointer: *const c_char,
    buf: *mut c_char,
    cap: usize,
    needed: *mut usize,
) -> i32 {
    let has_room = !buf.is_null() && cap > 0;
    // SAFETY: the caller keeps the contract of the header: strings that are NULL or end with a NUL,
    // `needed` NULL or writable, and `cap` writable bytes at `buf` where it is not NULL.
    unsafe {
        put(needed, 0);
        if has_room {
            buf.write(0);
        }
        status(|| {
            let value = json::get(text(doc, "doc")?, text(pointer, "pointer")?)?;
            if value.contains('\0') {
                return Err(Error::argument("the string has a NUL in it"));
            }
            put(needed, value.len() + 1);
            if !has_room || cap <= value.len() {
                return Ok(Status::Buffer);
            }
            std::ptr::copy_nonoverlapping(value.as_ptr().cast(), buf, value.len());
            buf.add(value.len()).write(0);
            Ok(Status::Ok)
        })
    }
}

/// Frees a string that the library returned.
///
/// s   from an out-parameter of this library; NULL does nothing
///
/// The strings come from malloc, so plain free does the same. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_string_free(s: *mut c_char) {
    // SAFETY: the caller vouches that `s` is NULL or came from us, so from `malloc`, and is freed once.
    unsafe { libc::free(s.cast::<c_void>()) };
}

type Change = fn(Option<&str>, &str, &str) -> Result<String, Error>;

/// Replaces `*doc` by what `change` makes of it.
///
/// # Safety
///
/// `doc` is NULL or points to NULL or a string from `malloc`; the others are NULL or end with a NUL.
unsafe fn write(
    doc: *mut *mut c_char,
    pointer: *const c_char,
    value: *const c_char,
    name: &str,
    change: Change,
) -> i32 {
    // SAFETY: the caller vouches for all of them.
    unsafe {
        status(|| {
            let place = doc.as_mut().ok_or_else(|| null("doc"))?;
            let old = optional_text(*place, "doc")?;
            let changed = change(old, text(pointer, "pointer")?, text(value, name)?)?;
            match allocate(&changed) {
                Some(changed) => {
                    descope_string_free(std::mem::replace(place, changed));
                    Ok(Status::Ok)
                }
                None => Ok(Status::Internal),
            }
        })
    }
}
