//! `descope_call`, `descope_warm_up`, `descope_configure`: the default client of the process.
#![allow(unsafe_code)]

use std::ffi::c_char;

use descope_ml_core::default_client;

use crate::boundary::run_with_document;
use crate::panics::panic_if_requested;
use crate::pointers::{optional_text, text};

/// Calls an operation of the default client by name.
///
/// operation   its name, as in the documentation of each function: "magiclink/signup-in/sms"
/// json        the request, a JSON object
/// out         NULL, or receives the response or the error document; free it with
///             descope_string_free
///
/// Returns DESCOPE_OK or any other status. An unknown name is DESCOPE_E_ARGUMENT, and the message
/// lists all names. Blocks until the response or the timeout. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_call(
    operation: *const c_char,
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires strings that are NULL or end with a NUL, and an `out` that is NULL
    // or writable.
    unsafe {
        run_with_document(out, || {
            let operation = text(operation, "operation")?;
            panic_if_requested(operation);
            default_client::call(operation, text(json, "json")?)
        })
    }
}

/// Opens a connection of the default client in advance; see descope_client_warm_up.
///
/// out   NULL, or receives {} or the error document, whose outcome is "not_sent"; free it with
///       descope_string_free
///
/// Returns the same as descope_client_warm_up, and DESCOPE_E_CONFIG if the environment has no valid
/// configuration for the default client. Blocks like descope_client_warm_up. Call it from any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_warm_up(out: *mut *mut c_char) -> i32 {
    // SAFETY: as for `descope_call`.
    unsafe { run_with_document(out, || default_client::warm_up().map(|()| "{}".to_owned())) }
}

/// Replaces the default client. If this is never called, the first call creates the default client
/// from the environment. Calls in progress keep using the old client.
///
/// config_json   the configuration, e.g. {"projectId": "P...", "timeoutMs": 5000}; NULL: everything
///               from the environment as it is now
/// out           NULL, or receives {} or the error document; free it with descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_CONFIG (the configuration is invalid), DESCOPE_E_ARGUMENT
/// (config_json is not UTF-8), DESCOPE_E_MEMORY or DESCOPE_E_INTERNAL. On failure the default client
/// is not replaced. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_configure(
    config_json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: as for `descope_call`.
    unsafe {
        run_with_document(out, || {
            default_client::configure(optional_text(config_json, "config_json")?)?;
            Ok("{}".to_owned())
        })
    }
}

/// The body of the functions that are named after an operation.
///
/// # Safety
///
/// `json` is NULL or ends with a NUL; `out` is NULL or writable.
pub(crate) unsafe fn call_operation(
    operation: &str,
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller guarantees it.
    unsafe { run_with_document(out, || default_client::call(operation, text(json, "json")?)) }
}
