//! `descope_configure` and `descope_call`: the process's default client.
#![allow(unsafe_code)]

use std::ffi::c_char;

use descope_ml_core::{Error, default_client};

use crate::boundary::{answer, optional_text, text};

/// Performs an operation by name, with the process's default client.
///
/// operation   the name of the function without descope_ and with slashes, as in the API's path:
///             "magiclink/signup-in/sms", "session/validate", "test/create_user"
/// json        the request, a JSON object
/// out         NULL, or where the document goes: the service's answer or the error document; to be
///             freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_call(
    operation: *const c_char,
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header: strings that are NULL or end with a NUL,
    // and an `out` that is NULL or may be written.
    unsafe {
        answer(out, || {
            let operation = text(operation, "operation")?;
            panic_if_asked(operation);
            default_client::call(operation, text(json, "json")?)
        })
    }
}

/// Connects ahead with the process's default client; see descope_client_warm_up.
///
/// out   NULL, or where the document goes: {} or the error document, whose outcome is "not_sent"; to be
///       freed with descope_string_free
///
/// Returns what descope_client_warm_up returns, and DESCOPE_E_CONFIG when the environment does not make
/// a client. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_warm_up(out: *mut *mut c_char) -> i32 {
    // SAFETY: as for `descope_call`.
    unsafe { answer(out, || default_client::warm_up().map(|()| "{}".to_owned())) }
}

/// Replaces the process's default client as a whole. Without this it is made from the environment at
/// first use. Calls that are under way end with the client that they began with.
///
/// config_json   the configuration, e.g. {"projectId": "P...", "timeoutMs": 5000}; NULL: everything
///               from the environment, as it is now
/// out           NULL, or where the document goes: {} or the error document; to be freed with
///               descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_CONFIG or DESCOPE_E_ARGUMENT (and the default client stays as it was),
/// or DESCOPE_E_INTERNAL (no memory for the document). May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_configure(
    config_json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: as for `descope_call`.
    unsafe {
        answer(out, || {
            default_client::configure(optional_text(config_json, "config_json")?)?;
            Ok("{}".to_owned())
        })
    }
}

/// What the named functions have in common.
///
/// # Safety
///
/// `json` is NULL or ends with a NUL; `out` is NULL or may be written.
pub(crate) unsafe fn call_named(
    operation: &str,
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller vouches for both.
    unsafe { answer(out, || default_client::call(operation, text(json, "json")?)) }
}

/// Panics for the operation `test/panic`, in builds for the test of the boundary.
#[cfg(feature = "test-panic")]
#[allow(clippy::panic, reason = "that is what it is for")]
pub(crate) fn panic_if_asked(operation: &str) {
    if operation == "test/panic" {
        panic!("asked to");
    }
}

#[cfg(not(feature = "test-panic"))]
pub(crate) fn panic_if_asked(_: &str) {}

/// The error for a handle that is NULL.
pub(crate) fn null(name: &str) -> Error {
    Error::argument(format!(
        "the argument `{name}` is NULL: pass what the library gave you"
    ))
}
