//! Test users, who need no phone: `/v1/mgmt/…`, with the management key.

use super::control_fields::{EXTRA, PROJECT_ID, TIMEOUT};
use super::magiclink::LOGIN_OPTIONS;
use super::management::management;
use super::operation::{ExpectedResponse, Operation};
use crate::http::Method;
use crate::json::{Field, FieldType, Schema};

/// API: `CreateUserRequest`.
pub(crate) static CREATE_USER_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::optional("email", FieldType::String).printable(),
    Field::optional("phone", FieldType::String).printable(),
    Field::optional("verifiedEmail", FieldType::Bool),
    Field::optional("verifiedPhone", FieldType::Bool),
    Field::optional("name", FieldType::String),
    Field::optional("roleNames", FieldType::StringArray),
    Field::optional("userTenants", FieldType::ObjectArray(&USER_TENANT)),
    Field::optional("invite", FieldType::Bool),
    Field::optional("test", FieldType::Bool),
    Field::optional("customAttributes", FieldType::AnyObject),
    Field::optional("picture", FieldType::String).printable(),
    Field::optional("sendMail", FieldType::Bool),
    Field::optional("sendSMS", FieldType::Bool),
    Field::optional("additionalIdentifiers", FieldType::StringArray).printable(),
    Field::optional("inviteUrl", FieldType::String).printable(),
    Field::optional("password", FieldType::String),
    Field::optional("hashedPassword", FieldType::AnyObject),
    Field::optional("givenName", FieldType::String),
    Field::optional("middleName", FieldType::String),
    Field::optional("familyName", FieldType::String),
    Field::optional("ssoAppIds", FieldType::StringArray),
    Field::optional("templateOptions", FieldType::StringMap),
    Field::optional("status", FieldType::String),
    Field::optional("recoveryEmail", FieldType::String).printable(),
    Field::optional("recoveryPhone", FieldType::String).printable(),
    Field::optional("verifiedRecoveryEmail", FieldType::Bool),
    Field::optional("verifiedRecoveryPhone", FieldType::Bool),
    EXTRA,
    PROJECT_ID,
    TIMEOUT,
]);

/// API: `AssociatedTenant`.
static USER_TENANT: Schema = Schema::new(&[
    Field::required("tenantId", FieldType::String),
    Field::optional("roleNames", FieldType::StringArray),
]);

/// API: `TestUserGenerateMagicLinkRequest`.
pub(crate) static GENERATE_MAGIC_LINK_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::required("deliveryMethod", FieldType::String),
    Field::optional("redirectUrl", FieldType::String).printable(),
    Field::optional("loginOptions", FieldType::Object(&LOGIN_OPTIONS)),
    EXTRA,
    PROJECT_ID,
    TIMEOUT,
]);

/// The request of the deletion.
pub(crate) static DELETE_ALL_USERS_SCHEMA: Schema = Schema::new(&[PROJECT_ID, TIMEOUT]);

/// API: `POST /v1/mgmt/user/create/test`.
pub(crate) static CREATE_USER: Operation = management(
    "test/create_user",
    &CREATE_USER_SCHEMA,
    Method::Post,
    "/v1/mgmt/user/create/test",
    ExpectedResponse::ObjectKey("user"),
);

/// API: `POST /v1/mgmt/tests/generate/magiclink`.
pub(crate) static GENERATE_MAGIC_LINK: Operation = management(
    "test/generate_magiclink",
    &GENERATE_MAGIC_LINK_SCHEMA,
    Method::Post,
    "/v1/mgmt/tests/generate/magiclink",
    ExpectedResponse::StringKey("link"),
);

/// API: `DELETE /v1/mgmt/user/test/delete/all`.
pub(crate) static DELETE_ALL_USERS: Operation = management(
    "test/delete_all_users",
    &DELETE_ALL_USERS_SCHEMA,
    Method::Delete,
    "/v1/mgmt/user/test/delete/all",
    ExpectedResponse::AnyObject,
);
