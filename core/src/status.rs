//! Status codes, and whether the service may have processed a request.

use std::fmt;

/// The result of a call. The numbers are part of the ABI and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Success.
    Ok,
    /// The request document is invalid: not JSON, or a field is missing, unknown or of the wrong type.
    Argument,
    /// The configuration is invalid: no project ID, a bad base URL, an unreadable CA file.
    Config,
    /// The caller's buffer is too small.
    Buffer,
    /// The document has no value at the JSON pointer, or the queue has no such call.
    NotFound,
    /// Not an error: no call of the queue has finished yet.
    Pending,
    /// DNS lookup failed, connection refused, reset or closed.
    Network,
    /// The TLS handshake failed or the server's certificate is not trusted.
    Tls,
    /// The deadline passed.
    Timeout,
    /// The response is not valid HTTP, or not what the API documents.
    Protocol,
    /// The HTTP status is neither 2xx nor 429.
    Api,
    /// The HTTP status is 429.
    RateLimited,
    /// A session or refresh token is malformed, expired, or not signed by the project.
    Token,
    /// The caller cancelled the call.
    Cancelled,
    /// A bug in the library. The panic was caught.
    Internal,
    /// Memory has run out.
    Memory,
}

impl Status {
    /// Every status, ordered by number.
    pub const ALL: [Status; 16] = [
        Status::Ok,
        Status::Argument,
        Status::Config,
        Status::Buffer,
        Status::NotFound,
        Status::Pending,
        Status::Network,
        Status::Tls,
        Status::Timeout,
        Status::Protocol,
        Status::Api,
        Status::RateLimited,
        Status::Token,
        Status::Cancelled,
        Status::Internal,
        Status::Memory,
    ];

    /// The number that C callers see.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Status::Ok => 0,
            Status::Argument => 1,
            Status::Config => 2,
            Status::Buffer => 3,
            Status::NotFound => 4,
            Status::Pending => 5,
            Status::Network => 10,
            Status::Tls => 11,
            Status::Timeout => 12,
            Status::Protocol => 13,
            Status::Api => 20,
            Status::RateLimited => 21,
            Status::Token => 30,
            Status::Cancelled => 40,
            Status::Internal => 90,
            Status::Memory => 91,
        }
    }

    /// The name of the C constant, NUL-terminated so that C callers need no copy.
    #[must_use]
    pub const fn c_name(self) -> &'static std::ffi::CStr {
        match self {
            Status::Ok => c"DESCOPE_OK",
            Status::Argument => c"DESCOPE_E_ARGUMENT",
            Status::Config => c"DESCOPE_E_CONFIG",
            Status::Buffer => c"DESCOPE_E_BUFFER",
            Status::NotFound => c"DESCOPE_E_NOT_FOUND",
            Status::Pending => c"DESCOPE_PENDING",
            Status::Network => c"DESCOPE_E_NETWORK",
            Status::Tls => c"DESCOPE_E_TLS",
            Status::Timeout => c"DESCOPE_E_TIMEOUT",
            Status::Protocol => c"DESCOPE_E_PROTOCOL",
            Status::Api => c"DESCOPE_E_API",
            Status::RateLimited => c"DESCOPE_E_RATE_LIMITED",
            Status::Token => c"DESCOPE_E_TOKEN",
            Status::Cancelled => c"DESCOPE_E_CANCELLED",
            Status::Internal => c"DESCOPE_E_INTERNAL",
            Status::Memory => c"DESCOPE_E_MEMORY",
        }
    }

    /// The name of the C constant, e.g. `DESCOPE_E_API`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }

    /// The status with this number. `None` for an unknown number.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the service may have processed a failed request: if so, a retry may send a second message.
/// Ordered by how far the request may have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// No byte of the request was sent.
    NotSent,
    /// The service rejected the request and did nothing.
    Refused,
    /// The service may have processed the request.
    Unknown,
}

impl Outcome {
    /// The value of `outcome` in the error document: `not_sent`, `refused` or `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::NotSent => "not_sent",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_numbers_map_back_to_their_status() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        assert_eq!(Status::from_code(6), None);
        assert_eq!(Status::Api.name(), "DESCOPE_E_API");
    }
}
