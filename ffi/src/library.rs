//! What the library says of itself: its version, its ABI's, and the names of its statuses.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use descope_ml_core::Status;

/// The version of the ABI. It changes only when a program must be compiled anew.
const ABI_VERSION: i32 = 1;

/// The library's version, NUL-terminated.
const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// The version of the library that is loaded, e.g. "0.1.0": compare it with DESCOPE_VERSION.
///
/// Returns a string that is always there and must not be freed. May be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn descope_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The version of the ABI of the library that is loaded: compare it with DESCOPE_ABI_VERSION.
///
/// May be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn descope_abi_version() -> i32 {
    ABI_VERSION
}

/// The name of a status, e.g. "DESCOPE_E_API"; "unknown" for a number that is none.
///
/// Returns a string that is always there and must not be freed. May be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn descope_status_name(status: i32) -> *const c_char {
    let name = Status::from_code(status).map(Status::c_name);
    name.unwrap_or(c"unknown").as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_core() {
        assert_eq!(VERSION.to_str(), Ok(descope_ml_core::VERSION));
    }
}
