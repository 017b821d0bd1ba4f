//! The statuses as C constants, and their names. The constants are `#define`s in the header.
#![allow(unsafe_code)]

use std::ffi::c_char;

use descope_ml_core::Status;

/// Success.
pub const DESCOPE_OK: i32 = 0;
/// An argument is invalid: NULL where it is not allowed, not UTF-8, not a JSON object, or a key is
/// missing, unknown or of the wrong type.
pub const DESCOPE_E_ARGUMENT: i32 = 1;
/// The configuration is invalid (a bad base URL, an unreadable CA file), or the call needs a value
/// that it does not have (a project ID, the management key).
pub const DESCOPE_E_CONFIG: i32 = 2;
/// The caller's buffer is too small: *needed is the required size.
pub const DESCOPE_E_BUFFER: i32 = 3;
/// The document has no value at the JSON pointer, or the queue has no call to report or to cancel.
pub const DESCOPE_E_NOT_FOUND: i32 = 4;
/// Not an error: no call of the queue has finished yet.
pub const DESCOPE_PENDING: i32 = 5;
/// The DNS lookup failed, or the connection was refused, reset or closed.
pub const DESCOPE_E_NETWORK: i32 = 10;
/// The TLS handshake failed, or the server's certificate was rejected.
pub const DESCOPE_E_TLS: i32 = 11;
/// The timeout passed.
pub const DESCOPE_E_TIMEOUT: i32 = 12;
/// The response is not valid HTTP, or a 2xx response is not what the API documents.
pub const DESCOPE_E_PROTOCOL: i32 = 13;
/// The HTTP status is neither 2xx nor 429: see errorCode, if the response has one.
pub const DESCOPE_E_API: i32 = 20;
/// HTTP 429: wait for retryAfter seconds.
pub const DESCOPE_E_RATE_LIMITED: i32 = 21;
/// The validation on this machine rejected a session or refresh token: "reason" says why. If the
/// service rejects a token, the status is DESCOPE_E_API.
pub const DESCOPE_E_TOKEN: i32 = 30;
/// The call was cancelled, by descope_queue_cancel, or by a signal if the client is "interruptible".
pub const DESCOPE_E_CANCELLED: i32 = 40;
/// A bug in the library, which was caught: please report it.
pub const DESCOPE_E_INTERNAL: i32 = 90;
/// Memory has run out: see "Memory" at the top. Without an error document, nothing was sent.
pub const DESCOPE_E_MEMORY: i32 = 91;

/// The name of a status, e.g. "DESCOPE_E_API"; "unknown" for an unknown number.
///
/// Returns a static string: do not free it. Call it from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn descope_status_name(status: i32) -> *const c_char {
    let name = Status::from_code(status).map(Status::c_name);
    name.unwrap_or(c"unknown").as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_statuses_of_core() {
        let constants = [
            ("DESCOPE_OK", DESCOPE_OK),
            ("DESCOPE_E_ARGUMENT", DESCOPE_E_ARGUMENT),
            ("DESCOPE_E_CONFIG", DESCOPE_E_CONFIG),
            ("DESCOPE_E_BUFFER", DESCOPE_E_BUFFER),
            ("DESCOPE_E_NOT_FOUND", DESCOPE_E_NOT_FOUND),
            ("DESCOPE_PENDING", DESCOPE_PENDING),
            ("DESCOPE_E_NETWORK", DESCOPE_E_NETWORK),
            ("DESCOPE_E_TLS", DESCOPE_E_TLS),
            ("DESCOPE_E_TIMEOUT", DESCOPE_E_TIMEOUT),
            ("DESCOPE_E_PROTOCOL", DESCOPE_E_PROTOCOL),
            ("DESCOPE_E_API", DESCOPE_E_API),
            ("DESCOPE_E_RATE_LIMITED", DESCOPE_E_RATE_LIMITED),
            ("DESCOPE_E_TOKEN", DESCOPE_E_TOKEN),
            ("DESCOPE_E_CANCELLED", DESCOPE_E_CANCELLED),
            ("DESCOPE_E_INTERNAL", DESCOPE_E_INTERNAL),
            ("DESCOPE_E_MEMORY", DESCOPE_E_MEMORY),
        ];
        let statuses = Status::ALL.map(|status| (status.name(), status.code()));
        assert_eq!(constants, statuses);
    }
}
