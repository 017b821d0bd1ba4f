//! `descope_client_*`: clients beside the default client of the process.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use arc_swap::ArcSwapOption;
use descope_ml_core::{Client, Error};

use crate::boundary::run_with_document;
use crate::cancellation::without_cancellation;
use crate::panics::panic_if_requested;
use crate::pointers::{optional_text, text, write_out};
use crate::status::DESCOPE_OK;

/// A client of one Descope project. It keeps connections open: create one and share it between
/// threads.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct descope_client {
    /// None after `descope_client_free`.
    client: ArcSwapOption<Client>,
    /// The one that was freed before it.
    freed_before: AtomicPtr<descope_client>,
}

/// The freed `descope_client`s, without what they contained. Their memory stays until `descope_cleanup`: a call that
/// begins while another thread frees its client may still look at it.
static FREED: AtomicPtr<descope_client> = AtomicPtr::new(null_mut());

impl descope_client {
    fn new(client: Client) -> descope_client {
        descope_client {
            client: ArcSwapOption::from_pointee(client),
            freed_before: AtomicPtr::new(null_mut()),
        }
    }

    /// Runs a call with the client. It lives until the call is over, also if another thread frees the
    /// `descope_client` meanwhile. That changes no reference count, which threads would contend for.
    pub(crate) fn with<T>(
        &self,
        call: impl FnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match &*self.client.load() {
            Some(client) => call(client),
            None => Err(freed_client()),
        }
    }

    /// The client for a queue.
    pub(crate) fn get_shared(&self) -> Result<Arc<Client>, Error> {
        self.client.load_full().ok_or_else(freed_client)
    }
}

/// Frees the memory of the `descope_client`s that were freed before.
///
/// # Safety
///
/// No call with one of them is in progress or follows.
pub(crate) unsafe fn release_freed_clients() {
    let mut freed = FREED.swap(null_mut(), Ordering::Acquire);
    while !freed.is_null() {
        // SAFETY: it came from `Box::into_raw` in `descope_client_new`, is in the list once, and the caller
        // guarantees that nobody uses it any more.
        let one = unsafe { Box::from_raw(freed) };
        freed = one.freed_before.load(Ordering::Relaxed);
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
            client.as_ref().ok_or_else(null_client)?.with(|client| {
                let operation = text(operation, "operation")?;
                panic_if_requested(operation);
                client.call(operation, text(json, "json")?)
            })
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
            let client = client.as_ref().ok_or_else(null_client)?;
            client.with(|client| client.warm_up().map(|()| "{}".to_owned()))
        })
    }
}

/// Frees a client and closes its connections.
///
/// client   from descope_client_new; NULL does nothing
///
/// Calls in progress go on: what they use is kept until the last of them ends, and so are the
/// connections, the log callback and the client of a queue. A call that begins at this moment goes on
/// or is DESCOPE_E_ARGUMENT. Do not start calls with the client afterwards. A few bytes of each client
/// stay until descope_cleanup. Call it from any thread, also in a callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_free(client: *mut descope_client) {
    without_cancellation(|| {
        // SAFETY: the header requires a client that is NULL or from `descope_client_new`, which stays in memory
        // until `release_freed_clients`.
        let Some(freed) = (unsafe { client.as_ref() }) else {
            return;
        };
        // Freed twice, it must not be in the list twice.
        if freed.client.swap(None).is_none() {
            return;
        }
        let mut last = FREED.load(Ordering::Relaxed);
        loop {
            freed.freed_before.store(last, Ordering::Relaxed);
            let added =
                FREED.compare_exchange_weak(last, client, Ordering::Release, Ordering::Relaxed);
            match added {
                Ok(_) => return,
                Err(other) => last = other,
            }
        }
    });
}

pub(crate) fn null_client() -> Error {
    Error::argument("the argument `client` is NULL: pass the client from descope_client_new")
}

fn freed_client() -> Error {
    Error::argument("the client was freed: create another one with descope_client_new")
}
