//! Why the project rejects a request. `api/error.rs` turns each reason into a status and an error code.

/// A reason to reject a request.
#[derive(Debug)]
pub(crate) enum ProjectError {
    /// A field has a value that it cannot have; the text says which.
    InvalidField(&'static str),
    /// The settings disable the method; the text says which.
    MethodDisabled(&'static str),
    /// The user has no address that the delivery method can reach.
    NoAddress,
    /// The new phone number is not a phone number.
    InvalidPhoneNumber,
    /// The redirect URL leads outside the approved domains.
    RedirectNotApproved,
    UserNotFound,
    /// The same for a call with the management key.
    ManagedUserNotFound,
    /// A user with this login ID exists already.
    UserExists,
    /// The new address is a login ID of another user.
    UpdateConflict,
    /// The token of a link is unknown, used or expired. The service does not tell which.
    InvalidLinkToken,
    /// The management key is missing or wrong.
    InvalidManagementKey,
    NoAccessKey,
    /// The access key is unknown or expired, or its user is disabled.
    InvalidAccessKey,
    /// The refresh token is missing, invalid or expired, or its user cannot use it.
    InvalidRefreshToken,
    /// The session token is missing, invalid or expired.
    InvalidSessionToken,
    /// A logout has ended the token's session.
    SessionRevoked,
    /// The emulator itself failed.
    Internal(String),
}
