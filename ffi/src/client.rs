//! `descope_client_*`: clients of one's own, beside the process's default one.
#![allow(unsafe_code)]

use std::ffi::c_char;

use descope_ml_core::Client;

use crate::boundary::{answer, optional_text, put, text};
use crate::call::{null, panic_if_asked};
use crate::status::DESCOPE_OK;

/// A client of one Descope project. It keeps connections: make one and share it between threads.
#[allow(non_camel_case_types, reason = "the name that C sees")]
pub struct descope_client(Client);

/// Makes a client; the environment is read now and never again by it.
///
/// config_json   the configuration, e.g. {"projectId": "P..."}; NULL: everything from the environment
/// client        where the client goes, NULL on failure; to be freed with descope_client_free
/// out           NULL, or where the document goes: {} or the error document; to be freed with
///               descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_CONFIG, DESCOPE_E_ARGUMENT or DESCOPE_E_INTERNAL (no memory). May be
/// called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_new(
    config_json: *const c_char,
    client: *mut *mut descope_client,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header: a string that is NULL or ends with a NUL,
    // and out-parameters that are NULL or may be written.
    unsafe {
        put(client, std::ptr::null_mut());
        let mut made = None;
        let status = answer(out, || {
            if client.is_null() {
                return Err(null("client"));
            }
            let config = optional_text(config_json, "config_json")?;
            made = Some(Box::new(descope_client(Client::from_json(config)?)));
            Ok("{}".to_owned())
        });
        // Handed out only now: without memory for `*out` the call has failed after all.
        if let (DESCOPE_OK, Some(made)) = (status, made) {
            put(client, Box::into_raw(made));
        }
        status
    }
}

/// Performs an operation by name with a client of one's own.
///
/// client      from descope_client_new
/// operation   as for descope_call, e.g. "magiclink/signin/sms"
/// json        the request, a JSON object
/// out         NULL, or where the document goes: the service's answer or the error document; to be
///             freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread, at the same time as any other call with the same client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_call(
    client: *const descope_client,
    operation: *const c_char,
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header: a client that is NULL or has not been
    // freed, strings that are NULL or end with a NUL, an `out` that is NULL or may be written.
    unsafe {
        answer(out, || {
            let client = client.as_ref().ok_or_else(|| null("client"))?;
            let operation = text(operation, "operation")?;
            panic_if_asked(operation);
            client.0.call(operation, text(json, "json")?)
        })
    }
}

/// Connects ahead, so that the next call need not: name look-up, TCP, a proxy and TLS, but no request.
///
/// client   from descope_client_new
/// out      NULL, or where the document goes: {} or the error document, whose outcome is "not_sent"; to
///          be freed with descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_NETWORK, DESCOPE_E_TLS, DESCOPE_E_TIMEOUT, DESCOPE_E_CONFIG (no project),
/// DESCOPE_E_ARGUMENT or DESCOPE_E_INTERNAL. Blocks until the connection is there, for connectTimeoutMs at
/// the most. The connection waits for whichever thread next needs a new one, for idleTimeoutMs at the
/// most; while one waits, this does nothing. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_warm_up(
    client: *const descope_client,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header: a client that is NULL or has not been
    // freed, an `out` that is NULL or may be written.
    unsafe {
        answer(out, || {
            let client = client.as_ref().ok_or_else(|| null("client"))?;
            client.0.warm_up().map(|()| "{}".to_owned())
        })
    }
}

/// Frees a client and closes the connections that it keeps.
///
/// client   from descope_client_new; NULL does nothing
///
/// No call with this client may be under way, and none may follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_free(client: *mut descope_client) {
    if !client.is_null() {
        // SAFETY: it came from `Box::into_raw` in `descope_client_new`, and the caller vouches that
        // nobody uses it any more.
        drop(unsafe { Box::from_raw(client) });
    }
}
