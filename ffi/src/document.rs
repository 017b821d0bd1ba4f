//! The document that a function returns. Its memory is there before the function does anything, so that it can
//! say what has happened even if memory runs out meanwhile.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::ptr;

use descope_ml_core::{Error, Outcome, Status};

use crate::pointers::{c_string, copy_text, write_out};

/// Enough for most responses, and for the error document of [`Error::memory`].
const SPARE_SIZE: usize = 256;

/// The out-parameter of a function that returns a document. Without a document it is NULL.
pub(crate) struct OutDocument {
    out: *mut *mut c_char,
    /// From `malloc`: `SPARE_SIZE` bytes. NULL if `out` is NULL.
    spare: *mut c_char,
}

impl OutDocument {
    /// Sets `*out` to NULL. `None` if there is no memory for a document.
    ///
    /// # Safety
    ///
    /// `out` is NULL, or points to a `char *` that stays writable as long as the result.
    #[inline(never)]
    pub(crate) unsafe fn new(out: *mut *mut c_char) -> Option<OutDocument> {
        let mut spare = ptr::null_mut();
        if !out.is_null() {
            // SAFETY: `out` is writable, as the caller guarantees. `malloc` accepts any size.
            unsafe {
                out.write(ptr::null_mut());
                spare = libc::malloc(SPARE_SIZE).cast::<c_char>();
            }
            if spare.is_null() {
                return None;
            }
        }
        Some(OutDocument { out, spare })
    }

    /// Writes the response or the error document, and returns the status.
    #[inline(never)]
    pub(crate) fn write(mut self, result: Result<String, Error>) -> Status {
        let mut status = result.as_ref().err().map_or(Status::Ok, Error::status);
        if self.out.is_null() {
            return status;
        }
        let error_document;
        let document = match &result {
            Ok(document) => document,
            Err(error) => {
                error_document = error.to_json();
                &error_document
            }
        };
        let mut written = self.fill_spare(document);
        if written.is_null() {
            written = c_string(document);
        }
        if written.is_null() {
            let outcome = result
                .as_ref()
                .err()
                .map_or(Outcome::Unknown, Error::outcome);
            let error = Error::memory(outcome);
            status = error.status();
            written = self.fill_spare(&error.to_json());
        }
        // SAFETY: it is writable, as the caller of `new` guarantees.
        unsafe { write_out(self.out, written) };
        status
    }

    /// Uses the spare memory for a document. NULL if it is too long.
    fn fill_spare(&mut self, document: &str) -> *mut c_char {
        if document.len() >= SPARE_SIZE {
            return ptr::null_mut();
        }
        let spare = std::mem::replace(&mut self.spare, ptr::null_mut());
        // SAFETY: the spare memory has room for the text and the NUL, and nobody else has it.
        unsafe { copy_text(document, spare) };
        spare
    }
}

impl Drop for OutDocument {
    fn drop(&mut self) {
        // SAFETY: it is NULL, or came from `malloc` and was not given away.
        unsafe { libc::free(self.spare.cast::<c_void>()) };
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
