//! The boundary to C that every call crosses: results become a status and a document, panics are caught,
//! and the thread cannot be cancelled.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

use descope_ml_core::{Error, Status, stay_loaded};

use crate::cancellation::without_cancellation;
use crate::document::OutDocument;
use crate::panics::{CallMark, silence_library_panics};

/// Runs the body of a function that returns a document: sets `*out` to NULL, then to the response or the
/// error document.
///
/// # Safety
///
/// `out` is NULL or points to a writable `char *`.
#[inline(always)]
pub(crate) unsafe fn run_with_document(
    out: *mut *mut c_char,
    body: impl FnOnce() -> Result<String, Error>,
) -> i32 {
    without_cancellation(|| {
        // SAFETY: the caller guarantees it.
        let status = match unsafe { OutDocument::new(out) } {
            Some(document) => document.write(catch_panic(body)),
            None => Status::Memory,
        };
        status.code()
    })
}

/// Runs the body of a function that returns nothing but a status.
#[inline(always)]
pub(crate) fn run_with_status(body: impl FnOnce() -> Result<Status, Error>) -> i32 {
    without_cancellation(|| {
        catch_panic(body)
            .unwrap_or_else(|error| error.status())
            .code()
    })
}

/// Runs the body of a call and turns a panic into an error.
///
/// No state of core can be half-written by a panic: what calls share is replaced as a whole, and locks
/// stay usable after a panic.
pub(crate) fn catch_panic<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    stay_loaded();
    silence_library_panics();
    let _mark = CallMark::set();
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Error::after_panic("running a C function")))
}
