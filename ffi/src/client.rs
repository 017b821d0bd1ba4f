//! `descope_client_*`: clients beside the default client of the process.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use descope_ml_core::{Client, Error};

use crate::boundary::run_with_document;
use crate::cancellation::without_cancellation;
use crate::panics::panic_if_requested;
use crate::pointers::{optional_text, text, write_out};
use crate::status::DESCOPE_OK;

/// A client of one Descope project. It keeps connections open: create one and share it between
/// threads.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct descope_client(ArcSwap<Client>);

impl descope_client {
    fn new(client: Client) -> descope_client {
        descope_client(ArcSwap::from_pointee(client))
    }

    /// The client for a call. It lives as long as this guard, also if another thread frees the
    /// `descope_client` meanwhile. That changes no reference count, which threads would contend for.
    pub(crate) fn get(&self) -> Guard<Arc<Client>> {
        self.0.load()
    }

    /// The client for a queue.
    pub(crate) fn get_shared(&self) -> Arc<Client> {
        self.0.load_full()
    }
}

/// Creates a client. The environment is read now, and not again by this client.
///
/// config_json   the configuration, e.g. {"projectId": "P..."}; NULL: everything from the
///               environment
/// client        receives the client, NULL on failure; free it with descope_client_free
/// out           NULL, or receives {} or the error document; free it with descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_CONFIG, DESCOPE_E_ARGUMENT, DESCOPE_E_MEMORY or
/// DESCOPE_E_INTERNAL. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_new(
    config_json: *const c_char,
    client: *mut *mut descope_client,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires a string that is NULL or ends with a NUL, and out-parameters that
    // are NULL or writable.
    without_cancellation(|| unsafe {
        write_out(client, std::ptr::null_mut());
        let mut new_client = None;
        let status = run_with_document(out, || {
            if client.is_null() {
                return Err(Error::argument(
                    "the argument `client` is NULL: pass the address of a variable",
                ));
            }
            let config = optional_text(config_json, "config_json")?;
            new_client = Some(Box::new(descope_client::new(Client::from_json(config)?)));
            Error::check_memory()?;
            Ok("{}".to_owned())
        });
        // Only now is it certain that the call has succeeded.
        if let (DESCOPE_OK, Some(new_client)) = (status, new_client) {
            write_out(client, Box::into_raw(new_client));
        }
        status
    })
}

/// Calls an operation by name.
///
/// client      from descope_client_new
/// operation   its name, as in the documentation of each function: "magiclink/signin/sms"
/// json        the request, a JSON object
/// out         NULL, or receives the response or the error document; free it with
///             descope_string_free
///
/// Returns the same as descope_call. Blocks until the response or the timeout. Call it from any
/// thread, also while other threads use the same client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_call(
    client: *const descope_client,
    operation: *const c_char,
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires a client that is NULL or has not been freed, strings that are NULL
    // or end with a NUL, and an `out` that is NULL or writable.
    unsafe {
        run_with_document(out, || {
            let client = client.as_ref().ok_or_else(null_client)?.get();
            let operation = text(operation, "operation")?;
            panic_if_requested(operation);
            client.call(operation, text(json, "json")?)
        })
    }
}

/// Opens a connection in advance (DNS, TCP, proxy, TLS), without sending a request. The next call
/// can use it.
///
/// client   from descope_client_new
/// out      NULL, or receives {} or the error document, whose outcome is "not_sent"; free it with
///          descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_NETWORK, DESCOPE_E_TLS, DESCOPE_E_TIMEOUT, DESCOPE_E_CONFIG (no
/// project ID), DESCOPE_E_ARGUMENT, DESCOPE_E_MEMORY or DESCOPE_E_INTERNAL. Blocks until the connection is open, at
/// most for connectTimeoutMs. The next call on any thread that needs a connection uses it. It is
/// kept at most for idleTimeoutMs. If an idle connection exists, no new one is opened. Call it from
/// any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_warm_up(
    client: *const descope_client,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires a client that is NULL or has not been freed, and an `out` that is
    // NULL or writable.
    unsafe {
        run_with_document(out, || {
            let client = client.as_ref().ok_or_else(null_client)?.get();
            client.warm_up().map(|()| "{}".to_owned())
        })
    }
}

/// Frees a client and closes its connections.
///
/// client   from descope_client_new; NULL does nothing
///
/// Calls in progress go on: what they use is kept until the last of them ends, and so are the
/// connections, the log callback and the client of a queue. Do not start calls with the client
/// afterwards. Call it from any thread, also in a callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_free(client: *mut descope_client) {
    if !client.is_null() {
        // SAFETY: it came from `Box::into_raw` in `descope_client_new`. The header requires that no
        // call starts any more, and calls in progress have the client itself.
        without_cancellation(|| drop(unsafe { Box::from_raw(client) }));
    }
}

pub(crate) fn null_client() -> Error {
    Error::argument("the argument `client` is NULL: pass the client from descope_client_new")
}
