//! The statuses as C constants. The header gets them as `#define`.

/// Done.
pub const DESCOPE_OK: i32 = 0;
/// NULL, not UTF-8, not a JSON object, a field missing, unknown or of the wrong type.
pub const DESCOPE_E_ARGUMENT: i32 = 1;
/// No project ID, a bad base URL, an unreadable CA file.
pub const DESCOPE_E_CONFIG: i32 = 2;
/// The caller's buffer is too small: *needed says how large it must be.
pub const DESCOPE_E_BUFFER: i32 = 3;
/// The JSON pointer names nothing.
pub const DESCOPE_E_NOT_FOUND: i32 = 4;
/// Name not found, connection refused, reset or closed.
pub const DESCOPE_E_NETWORK: i32 = 10;
/// Handshake or certificate refused.
pub const DESCOPE_E_TLS: i32 = 11;
/// The deadline passed.
pub const DESCOPE_E_TIMEOUT: i32 = 12;
/// A 2xx answer that is not what the API promises, or an answer that is not HTTP.
pub const DESCOPE_E_PROTOCOL: i32 = 13;
/// An HTTP status outside 2xx, 429 apart: errorCode, where there is one, says why.
pub const DESCOPE_E_API: i32 = 20;
/// HTTP 429: retryAfter says when to try again, in seconds.
pub const DESCOPE_E_RATE_LIMITED: i32 = 21;
/// A session or refresh token is malformed, expired, or not signed by the project.
pub const DESCOPE_E_TOKEN: i32 = 30;
/// The caller gave up.
pub const DESCOPE_E_CANCELLED: i32 = 40;
/// A bug in the library, caught: please report it.
pub const DESCOPE_E_INTERNAL: i32 = 90;

#[cfg(test)]
mod tests {
    use super::*;
    use descope_ml_core::Status;

    #[test]
    fn the_constants_are_the_statuses_of_core() {
        let constants = [
            ("DESCOPE_OK", DESCOPE_OK),
            ("DESCOPE_E_ARGUMENT", DESCOPE_E_ARGUMENT),
            ("DESCOPE_E_CONFIG", DESCOPE_E_CONFIG),
            ("DESCOPE_E_BUFFER", DESCOPE_E_BUFFER),
            ("DESCOPE_E_NOT_FOUND", DESCOPE_E_NOT_FOUND),
            ("DESCOPE_E_NETWORK", DESCOPE_E_NETWORK),
            ("DESCOPE_E_TLS", DESCOPE_E_TLS),
            ("DESCOPE_E_TIMEOUT", DESCOPE_E_TIMEOUT),
            ("DESCOPE_E_PROTOCOL", DESCOPE_E_PROTOCOL),
            ("DESCOPE_E_API", DESCOPE_E_API),
            ("DESCOPE_E_RATE_LIMITED", DESCOPE_E_RATE_LIMITED),
            ("DESCOPE_E_TOKEN", DESCOPE_E_TOKEN),
            ("DESCOPE_E_CANCELLED", DESCOPE_E_CANCELLED),
            ("DESCOPE_E_INTERNAL", DESCOPE_E_INTERNAL),
        ];
        let statuses = Status::ALL.map(|status| (status.name(), status.code()));
        assert_eq!(constants, statuses);
    }
}
