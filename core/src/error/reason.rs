//! Why a token is invalid.

/// Why a token is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Not a JWT, truncated, or without a required claim.
    Malformed,
    /// The expiry time has passed.
    Expired,
    /// The token is not valid yet. Usually a clock is wrong.
    NotYetValid,
    /// The signature does not match the key that the token names.
    BadSignature,
    /// The project has no key with this ID.
    UnknownKey,
    /// Unsigned, or `alg` does not match the algorithm of the key.
    WrongAlgorithm,
    /// Issued by another project.
    WrongIssuer,
    /// Issued for another audience.
    WrongAudience,
    /// A refresh token was passed where a session token is required.
    NotASession,
    /// A session token was passed where a refresh token is required.
    NotARefreshToken,
}

impl Reason {
    /// The value of `reason` in the error document, such as `expired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Malformed => "malformed",
            Reason::Expired => "expired",
            Reason::NotYetValid => "not_yet_valid",
            Reason::BadSignature => "bad_signature",
            Reason::UnknownKey => "unknown_key",
            Reason::WrongAlgorithm => "wrong_algorithm",
            Reason::WrongIssuer => "wrong_issuer",
            Reason::WrongAudience => "wrong_audience",
            Reason::NotASession => "not_a_session",
            Reason::NotARefreshToken => "not_a_refresh_token",
        }
    }
}
