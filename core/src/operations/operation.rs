//! What an operation is: the types of the table.

use crate::error::Error;
use crate::http::Method;
use crate::json::{self, Object, Schema};

/// An operation. Callers select it by name.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// The keys of the request document.
    pub(crate) schema: &'static Schema,
    /// Checks that the schema cannot express.
    pub(super) validate: fn(&Object<'_>) -> Result<(), Error>,
    pub(crate) kind: OperationKind,
}

/// How an operation is executed.
pub(crate) enum OperationKind {
    /// By a request to the service.
    Remote(Endpoint),
    /// On this machine. The public keys may have to be fetched first.
    Local(LocalOperation),
}

/// The operations that are executed on this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalOperation {
    ValidateSession,
    MatchPermissions,
    MatchRoles,
}

/// A path of the API.
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) credential: Credential,
    pub(crate) expected: ExpectedResponse,
    pub(crate) repeat: Repeat,
    /// Whether calls with the same request that overlap send it once.
    pub(crate) is_shared: bool,
}

/// What the bearer contains in addition to the project ID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    /// The refresh token, if the request has one.
    OptionalRefreshToken,
    RefreshToken,
    /// The refresh token. It is validated on this machine first.
    ValidatedRefreshToken,
    SessionToken,
    AccessKey,
    ManagementKey,
}

/// What a 2xx response must contain. It is always a JSON object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpectedResponse {
    AnyObject,
    /// A string under this key.
    StringKey(&'static str),
    /// An object under this key.
    ObjectKey(&'static str),
    /// An array under this key. A bare array is accepted too, since the published API and the official
    /// SDKs differ.
    ArrayKey(&'static str),
    /// A session: a valid session token, in the body or in a cookie.
    Session,
}

/// Whether a request may be sent again after a response that says that the service did not see it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Allowed,
    Forbidden,
}

impl Operation {
    /// Parses a request document.
    pub(crate) fn parse_request<'a>(&self, json: &'a str) -> Result<Object<'a>, Error> {
        json::parse_object(self.schema, json, "the request").map_err(Error::argument)
    }

    /// Rejects a request that the service would reject.
    pub(crate) fn validate_request(&self, request: &Object<'_>) -> Result<(), Error> {
        if let Some(key) = request.empty_required_field() {
            let advice = match key {
                "loginId" => {
                    ": pass a phone number (for example +14155550123), an email address or another login ID"
                }
                "token" => ": pass the value of `t` from the link",
                "refreshToken" => ": pass the refresh token of the session",
                "sessionToken" => ": pass the session token",
                "accessKey" => ": pass an access key of the project",
                _ => "",
            };
            return Err(Error::argument(format!(
                "`{key}` must not be empty{advice}"
            )));
        }
        (self.validate)(request)?;
        match request.unprintable_field() {
            Some(path) => Err(Error::argument(format!(
                "`{path}` contains a control character, such as NUL or a line break: remove it"
            ))),
            None => Ok(()),
        }
    }
}

/// For operations whose schema says everything.
pub(super) fn no_validation(_: &Object<'_>) -> Result<(), Error> {
    Ok(())
}
