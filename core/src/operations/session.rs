//! Sessions: what follows a sign-in. Most operations are under `/v1/auth/…`, some need no request.
//!
//! Source of the fields: Descope's published OpenAPI document.

use super::control_fields::{AUDIENCE, EXTRA, PROJECT_ID, REFRESH_TOKEN, SESSION_TOKEN, TIMEOUT};
use super::operation::{
    Credential, Endpoint, ExpectedResponse, LocalOperation, Operation, OperationKind, Repeat,
    no_validation,
};
use crate::http::Method;
use crate::json::{Field, FieldType, Schema};

/// The request of the local validation of a session.
pub(crate) static VALIDATE_SCHEMA: Schema =
    Schema::new(&[SESSION_TOKEN.and_required(), AUDIENCE, PROJECT_ID, TIMEOUT]);

/// API: `ValidateSessionRequest`, which has no fields.
pub(crate) static VALIDATE_REMOTE_SCHEMA: Schema =
    Schema::new(&[EXTRA, SESSION_TOKEN.and_required(), PROJECT_ID, TIMEOUT]);

/// API: `RefreshSessionRequest`.
pub(crate) static REFRESH_SCHEMA: Schema = Schema::new(&[
    Field::optional("externalToken", FieldType::String),
    EXTRA,
    REFRESH_TOKEN.and_required(),
    AUDIENCE,
    PROJECT_ID,
    TIMEOUT,
]);

/// API: `LogoutRequest`.
pub(crate) static LOGOUT_SCHEMA: Schema = Schema::new(&[
    Field::optional("logoutType", FieldType::StringArray),
    EXTRA,
    REFRESH_TOKEN.and_required(),
    PROJECT_ID,
    TIMEOUT,
]);

/// The request of paths without a body.
pub(crate) static REFRESH_TOKEN_ONLY_SCHEMA: Schema =
    Schema::new(&[REFRESH_TOKEN.and_required(), PROJECT_ID, TIMEOUT]);

/// API: `SelectTenantRequest`.
pub(crate) static SELECT_TENANT_SCHEMA: Schema = Schema::new(&[
    Field::required("tenant", FieldType::String),
    EXTRA,
    REFRESH_TOKEN.and_required(),
    AUDIENCE,
    PROJECT_ID,
    TIMEOUT,
]);

/// The request of the permission check.
pub(crate) static MATCH_PERMISSIONS_SCHEMA: Schema = Schema::new(&[
    Field::required("claims", FieldType::AnyObject),
    Field::required("permissions", FieldType::StringArray),
    Field::optional("tenant", FieldType::String),
]);

/// The request of the role check.
pub(crate) static MATCH_ROLES_SCHEMA: Schema = Schema::new(&[
    Field::required("claims", FieldType::AnyObject),
    Field::required("roles", FieldType::StringArray),
    Field::optional("tenant", FieldType::String),
]);

/// Validates a session token on this machine.
pub(crate) static VALIDATE: Operation = local(
    "session/validate",
    &VALIDATE_SCHEMA,
    LocalOperation::ValidateSession,
);

/// Checks which permissions the claims of a session contain.
pub(crate) static MATCH_PERMISSIONS: Operation = local(
    "session/match_permissions",
    &MATCH_PERMISSIONS_SCHEMA,
    LocalOperation::MatchPermissions,
);

/// Checks which roles the claims of a session contain.
pub(crate) static MATCH_ROLES: Operation = local(
    "session/match_roles",
    &MATCH_ROLES_SCHEMA,
    LocalOperation::MatchRoles,
);

/// API: `POST /v1/auth/refresh`.
pub(crate) static REFRESH: Operation = remote(
    "session/refresh",
    &REFRESH_SCHEMA,
    Method::Post,
    "/v1/auth/refresh",
    Credential::ValidatedRefreshToken,
    ExpectedResponse::Session,
);

/// API: `POST /v1/auth/tenant/select`.
pub(crate) static SELECT_TENANT: Operation = remote(
    "session/select_tenant",
    &SELECT_TENANT_SCHEMA,
    Method::Post,
    "/v1/auth/tenant/select",
    Credential::RefreshToken,
    ExpectedResponse::Session,
);

/// API: `GET /v1/auth/me`.
pub(crate) static ME: Operation = remote(
    "session/me",
    &REFRESH_TOKEN_ONLY_SCHEMA,
    Method::Get,
    "/v1/auth/me",
    Credential::RefreshToken,
    ExpectedResponse::StringKey("userId"),
);

/// API: `GET /v1/auth/me/history`.
pub(crate) static HISTORY: Operation = remote(
    "session/history",
    &REFRESH_TOKEN_ONLY_SCHEMA,
    Method::Get,
    "/v1/auth/me/history",
    Credential::RefreshToken,
    ExpectedResponse::ArrayKey("authHistory"),
);

/// API: `POST /v1/auth/validate`.
pub(crate) static VALIDATE_REMOTE: Operation = remote(
    "session/validate_remote",
    &VALIDATE_REMOTE_SCHEMA,
    Method::Post,
    "/v1/auth/validate",
    Credential::SessionToken,
    ExpectedResponse::ObjectKey("parsedJWT"),
);

/// API: `POST /v1/auth/logout`.
pub(crate) static LOGOUT: Operation = remote(
    "session/logout",
    &LOGOUT_SCHEMA,
    Method::Post,
    "/v1/auth/logout",
    Credential::RefreshToken,
    ExpectedResponse::AnyObject,
);

/// API: `POST /v1/auth/logoutall`.
pub(crate) static LOGOUT_ALL: Operation = remote(
    "session/logout_all",
    &LOGOUT_SCHEMA,
    Method::Post,
    "/v1/auth/logoutall",
    Credential::RefreshToken,
    ExpectedResponse::AnyObject,
);

const fn local(
    name: &'static str,
    schema: &'static Schema,
    operation: LocalOperation,
) -> Operation {
    Operation {
        name,
        schema,
        validate: no_validation,
        kind: OperationKind::Local(operation),
    }
}

const fn remote(
    name: &'static str,
    schema: &'static Schema,
    method: Method,
    path: &'static str,
    credential: Credential,
    expected: ExpectedResponse,
) -> Operation {
    Operation {
        name,
        schema,
        validate: no_validation,
        kind: OperationKind::Remote(Endpoint {
            method,
            path,
            credential,
            expected,
            repeat: Repeat::Allowed,
        }),
    }
}
