//! The document that a function returns. Its memory is there before the function does anything, so that it can
//! say what has happened even if memory runs out meanwhile.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use descope_ml_core::{Error, Outcome, Status};

use crate::pointers::{c_string, copy_text, write_out};

/// Enough for most responses, and for the error document of [`Error::memory`].
const SPARE_SIZE: usize = 256;

/// The out-parameter of a function that returns a document. Without a document it is NULL.
pub(crate) struct OutDocument {
    out: *mut *mut c_char,
    /// From `malloc`: `SPARE_SIZE` bytes. Dangling if `out` is NULL.
    spare: NonNull<c_char>,
}

impl OutDocument {
    /// Sets `*out` to NULL. `None` if there is no memory for a document.
    ///
    /// # Safety
    ///
    /// `out` is NULL, or points to a `char *` that stays writable as long as the result.
    #[inline(never)]
    pub(crate) unsafe fn new(out: *mut *mut c_char) -> Option<OutDocument> {
        let mut spare = NonNull::dangling();
        if !out.is_null() {
            // SAFETY: `out` is writable, as the caller guarantees. `malloc` accepts any size.
            spare = unsafe {
                out.write(ptr::null_mut());
                NonNull::new(libc::malloc(SPARE_SIZE).cast::<c_char>())?
            };
        }
        Some(OutDocument { out, spare })
    }

    /// Writes the response or the error document, and returns the status.
    #[inline(never)]
    pub(crate) fn write(self, result: Result<String, Error>) -> Status {
        match result {
            Ok(document) if !self.out.is_null() && document.len() < SPARE_SIZE => {
                self.write_short(&document);
                Status::Ok
            }
            result => self.write_any(result),
        }
    }

    #[cold]
    fn write_any(self, result: Result<String, Error>) -> Status {
        let status = result.as_ref().err().map_or(Status::Ok, Error::status);
        if self.out.is_null() {
            return status;
        }
        let outcome = result
            .as_ref()
            .err()
            .map_or(Outcome::Unknown, Error::outcome);
        let document = result.unwrap_or_else(|error| error.to_json());
        if document.len() < SPARE_SIZE {
            self.write_short(&document);
            return status;
        }
        let written = c_string(&document);
        if written.is_null() {
            let error = Error::memory(outcome);
            self.write_short(&error.to_json());
            return error.status();
        }
        // SAFETY: it is writable, as the caller of `new` guarantees.
        unsafe { write_out(self.out, written) };
        status
    }

    /// Uses the spare memory for a document with less than [`SPARE_SIZE`] bytes.
    fn write_short(self, document: &str) {
        let given = ManuallyDrop::new(self);
        // SAFETY: the spare memory has room for the text and the NUL, and nobody else has it. `out` is writable, as
        // the caller of `new` guarantees.
        unsafe {
            copy_text(document, given.spare.as_ptr());
            given.out.write(given.spare.as_ptr());
        }
    }
}

impl Drop for OutDocument {
    fn drop(&mut self) {
        if !self.out.is_null() {
            // SAFETY: it came from `malloc` and was not given away.
            unsafe { libc::free(self.spare.as_ptr().cast::<c_void>()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_document_for_no_memory_fits() {
        for outcome in [Outcome::NotSent, Outcome::Refused, Outcome::Unknown] {
            assert!(Error::memory(outcome).to_json().len() < SPARE_SIZE);
        }
    }
}
