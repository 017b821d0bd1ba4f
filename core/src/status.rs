//! The statuses that every face reports, and what became of the request.

use std::fmt;

/// How a call ended. The numbers are the ABI's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Done.
    Ok,
    /// A request document that cannot be sent: not JSON, a field missing, unknown or of the wrong type.
    Argument,
    /// A configuration that cannot work: no project ID, a bad base URL, an unreadable CA file.
    Config,
    /// The caller's buffer is too small.
    Buffer,
    /// A JSON pointer names nothing.
    NotFound,
    /// Name not found, connection refused, reset or closed.
    Network,
    /// Handshake or certificate refused.
    Tls,
    /// The deadline passed.
    Timeout,
    /// An answer that is not what the API promises, or not HTTP.
    Protocol,
    /// An HTTP status outside 2xx, 429 apart.
    Api,
    /// HTTP 429.
    RateLimited,
    /// A session or refresh token is malformed, expired, or not signed by the project.
    Token,
    /// The caller gave up.
    Cancelled,
    /// A bug in the library, caught.
    Internal,
}

impl Status {
    /// Every status, in the order of the numbers.
    pub const ALL: [Status; 14] = [
        Status::Ok,
        Status::Argument,
        Status::Config,
        Status::Buffer,
        Status::NotFound,
        Status::Network,
        Status::Tls,
        Status::Timeout,
        Status::Protocol,
        Status::Api,
        Status::RateLimited,
        Status::Token,
        Status::Cancelled,
        Status::Internal,
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
            Status::Network => 10,
            Status::Tls => 11,
            Status::Timeout => 12,
            Status::Protocol => 13,
            Status::Api => 20,
            Status::RateLimited => 21,
            Status::Token => 30,
            Status::Cancelled => 40,
            Status::Internal => 90,
        }
    }

    /// The name of the C constant, NUL-terminated, so that C can have it without a copy.
    #[must_use]
    pub const fn c_name(self) -> &'static std::ffi::CStr {
        match self {
            Status::Ok => c"DESCOPE_OK",
            Status::Argument => c"DESCOPE_E_ARGUMENT",
            Status::Config => c"DESCOPE_E_CONFIG",
            Status::Buffer => c"DESCOPE_E_BUFFER",
            Status::NotFound => c"DESCOPE_E_NOT_FOUND",
            Status::Network => c"DESCOPE_E_NETWORK",
            Status::Tls => c"DESCOPE_E_TLS",
            Status::Timeout => c"DESCOPE_E_TIMEOUT",
            Status::Protocol => c"DESCOPE_E_PROTOCOL",
            Status::Api => c"DESCOPE_E_API",
            Status::RateLimited => c"DESCOPE_E_RATE_LIMITED",
            Status::Token => c"DESCOPE_E_TOKEN",
            Status::Cancelled => c"DESCOPE_E_CANCELLED",
            Status::Internal => c"DESCOPE_E_INTERNAL",
        }
    }

    /// The name of the C constant, e.g. `DESCOPE_E_API`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }

    /// The status with this number, if there is one.
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

/// What became of a request that failed: whether a second attempt may send a second message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// No byte of the request reached a server.
    NotSent,
    /// The service answered that it did nothing.
    Refused,
    /// The request may have been acted on.
    Unknown,
}

impl Outcome {
    /// The word in the error document: `not_sent`, `refused` or `unknown`.
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
    fn every_number_leads_back_to_its_status() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        assert_eq!(Status::from_code(5), None);
        assert_eq!(Status::Api.name(), "DESCOPE_E_API");
    }
}
