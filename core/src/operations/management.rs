//! Operations with the management key: `/v1/mgmt/…`. Those on test users are in `test_users.rs`.
//!
//! Source of the fields: the official SDKs. The published OpenAPI document does not have these paths.

use super::control_fields::{EXTRA, PROJECT_ID, TIMEOUT};
use super::magiclink::{LOGIN_OPTIONS, USER};
use super::operation::{
    Credential, Endpoint, ExpectedResponse, Operation, OperationKind, Repeat, no_validation,
};
use crate::http::Method;
use crate::json::{Field, FieldType, Schema};

/// The request for a token that signs an existing user in.
pub(crate) static EMBEDDED_LINK_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::optional("customClaims", FieldType::AnyObject),
    Field::optional("timeout", FieldType::SECONDS),
    EXTRA,
    PROJECT_ID,
    TIMEOUT,
]);

/// The request for a token that signs a new user up.
pub(crate) static EMBEDDED_LINK_SIGN_UP_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::optional("user", FieldType::Object(&USER)),
    Field::optional("emailVerified", FieldType::Bool),
    Field::optional("phoneVerified", FieldType::Bool),
    Field::optional("loginOptions", FieldType::Object(&LOGIN_OPTIONS)),
    Field::optional("timeout", FieldType::SECONDS),
    EXTRA,
    PROJECT_ID,
    TIMEOUT,
]);

/// The request that deletes a user.
pub(crate) static DELETE_USER_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    EXTRA,
    PROJECT_ID,
    TIMEOUT,
]);

/// API: `POST /v1/mgmt/user/signin/embeddedlink`.
pub(crate) static EMBEDDED_LINK: Operation = management(
    "management/embedded_link",
    &EMBEDDED_LINK_SCHEMA,
    Method::Post,
    "/v1/mgmt/user/signin/embeddedlink",
    ExpectedResponse::StringKey("token"),
);

/// API: `POST /v1/mgmt/user/signup/embeddedlink`.
pub(crate) static EMBEDDED_LINK_SIGN_UP: Operation = management(
    "management/embedded_link_signup",
    &EMBEDDED_LINK_SIGN_UP_SCHEMA,
    Method::Post,
    "/v1/mgmt/user/signup/embeddedlink",
    ExpectedResponse::StringKey("token"),
);

/// API: `POST /v1/mgmt/user/delete`.
pub(crate) static DELETE_USER: Operation = management(
    "management/delete_user",
    &DELETE_USER_SCHEMA,
    Method::Post,
    "/v1/mgmt/user/delete",
    ExpectedResponse::AnyObject,
);

/// An operation with the management key.
pub(super) const fn management(
    name: &'static str,
    schema: &'static Schema,
    method: Method,
    path: &'static str,
    expected: ExpectedResponse,
) -> Operation {
    Operation {
        name,
        schema,
        validate: no_validation,
        kind: OperationKind::Remote(Endpoint {
            method,
            path,
            credential: Credential::ManagementKey,
            expected,
            repeat: Repeat::Allowed,
            is_shared: false,
        }),
    }
}
