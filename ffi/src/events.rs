//! `descope_events_set`: passes the events of calls to a callback of the host program.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_void};

use descope_ml_core::{CallEvent, Status, remove_event_handler, set_event_handler};

use crate::boundary::run_with_status;
use crate::callbacks::Userdata;

/// Event callback. It gets one JSON object (UTF-8, valid only during the callback) and the userdata of
/// descope_events_set. CALLBACKS, above, says when it runs and what it may do.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type descope_event_callback =
    Option<unsafe extern "C" fn(event_json: *const c_char, userdata: *mut c_void)>;

/// Sets the event callback: it gets one event for each call that starts from now on, when the call is
/// over. It replaces the previous callback: calls in progress that started under that one have no event.
/// Without a callback nothing is measured.
///
/// callback        the callback; NULL removes the previous one
/// userdata        passed to the callback unchanged; may be NULL
/// userdata_free   NULL, or a function that frees userdata; see CALLBACKS
///
/// An event contains no login ID, token or key. Its keys, times in milliseconds:
///   operation         e.g. "magiclink/signin/sms"; "warm_up" for descope_warm_up and the like
///   tag               the tag of a call of a queue
///   status, name      the result of the call, e.g. 0 and "DESCOPE_OK"
///   outcome           "sent" after success, otherwise as in the error document; absent if a
///                     call that sends no request has succeeded
///   attempts, httpStatus, requestId, reason, errorCode
///                     as in the error document, and after success as well
///   connectionReused  whether the last request used a connection that was already open (boolean)
///   clockDifferenceSeconds
///                     by how many seconds the clock of this machine is ahead of that of the service
///                     (negative: behind), if that is more than jwtLeewaySeconds
///   startTimeMs       when the call started, since 1970-01-01 UTC
///   totalMs           the time of the whole call
///   phases            where that time went, all requests together: dnsMs, connectMs (TCP and proxy),
///                     tlsMs, sendMs, waitMs (for the first byte of the response), readMs,
///                     retryWaitMs (between attempts), keysWaitMs (for keys that another call
///                     fetches), connectionWaitMs (for one of maxConnections). The rest is work on
///                     this machine
///   requests          the HTTP requests, also those for public keys; of each: method, scheme,
///                     serverAddress, serverPort, path, attempt (from 1), startMs (since the start
///                     of the call), durationMs (to the end of the response, with waiting for one
///                     of maxConnections and opening a connection), status, name, httpStatus,
///                     connectionReused
/// Keys without a value are left out.
///
/// The callback runs after the result of the call is decided, and before the function of the call
/// returns: for a call of a queue in descope_queue_next, for a call that descope_queue_free ends in
/// that function.
///
/// These have no event:
///   - calls that a log or event callback makes or submits
///   - calls that fail before they start: an unknown operation, an argument that is NULL, too
///     large or not UTF-8, a tag that is in use, a queue of the parent process in a forked child
///
/// Returns DESCOPE_OK. Call it from any thread, also in the callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_events_set(
    callback: descope_event_callback,
    userdata: *mut c_void,
    userdata_free: Option<unsafe extern "C" fn(userdata: *mut c_void)>,
) -> i32 {
    let userdata = Userdata::new(userdata, userdata_free);
    run_with_status(|| {
        let Some(callback) = callback else {
            remove_event_handler();
            return Ok(Status::Ok);
        };
        set_event_handler(move |event| report(event, callback, &userdata));
        Ok(Status::Ok)
    })
}

fn report(
    event: &CallEvent,
    callback: unsafe extern "C" fn(*const c_char, *mut c_void),
    userdata: &Userdata,
) {
    if let Ok(json) = CString::new(event.to_json()) {
        // SAFETY: the header requires a callback that can be called from any thread with this
        // userdata. The text ends with a NUL and lives until the callback returns.
        unsafe { callback(json.as_ptr(), userdata.pointer()) };
    }
}
