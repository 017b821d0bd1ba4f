//! The versions of the library and of its ABI.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

/// The version of the ABI. It changes only if programs have to be recompiled.
const ABI_VERSION: i32 = 1;

/// The version of the library, NUL-terminated.
const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// The version of the loaded library, e.g. "0.1.0". Compare it with DESCOPE_HEADER_VERSION.
///
/// Returns a static string: do not free it. Call it from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn descope_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The ABI version of the loaded library. Compare it with DESCOPE_HEADER_ABI_VERSION.
///
/// Call it from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn descope_abi_version() -> i32 {
    ABI_VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_core() {
        assert_eq!(VERSION.to_str(), Ok(descope_ml_core::VERSION));
    }
}
