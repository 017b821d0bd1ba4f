//! Sessions: what follows a sign-in. Most operations are under `/v1/auth/…`, some need no request.
//!
//! Source of the fields: Descope's published OpenAPI document.

use super::control_fields::{
    ACCESS_KEY, AUDIENCE, EXTRA, PROJECT_ID, REFRESH_TOKEN, SESSION_TOKEN, TIMEOUT,
};
use super::operation::{
    Credential, Endpoint, ExpectedResponse, LocalOperation, Operation, OperationKind, Repeat,
    no_validation,
};
use crate::error::Error;
use crate::http::Method;
use crate::json::{Field, FieldType, Object, Schema};

/// The request of the local validation of a session.
pub(crate) static VALIDATE_SCHEMA: Schema =
    Schema::new(&[SESSION_TOKEN.and_required(), AUDIENCE, PROJECT_ID, TIMEOUT]);

/// API: `ValidateSessionRequest`, which has no fields.
pub(crate) static VALIDATE_REMOTE_SCHEMA: Schema =
    Schema::new(&[EXTRA, SESSION_TOKEN.and_required(), PROJECT_ID, TIMEOUT]);

/// API: `RefreshSessionRequest`.
pub(crate) static REFRESH_SCHEMA: Schema = Schema::new(&[
    Field::optional("externalToken", FieldType::String).printable(),
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

/// The request for the user's tenants. The published API does not have it; source: the official SDKs.
pub(crate) static TENANTS_SCHEMA: Schema = Schema::new(&[
    Field::optional("dct", FieldType::Bool),
    Field::optional("ids", FieldType::StringArray),
    EXTRA,
    REFRESH_TOKEN.and_required(),
    PROJECT_ID,
    TIMEOUT,
]);

/// The exchange of an access key. The published API does not have it; source: the official SDKs.
pub(crate) static EXCHANGE_ACCESS_KEY_SCHEMA: Schema = Schema::new(&[
    Field::optional("loginOptions", FieldType::Object(&ACCESS_KEY_LOGIN_OPTIONS)),
    EXTRA,
    ACCESS_KEY.and_required(),
    AUDIENCE,
    PROJECT_ID,
    TIMEOUT,
]);

/// The options of the session of an access key.
pub(crate) static ACCESS_KEY_LOGIN_OPTIONS: Schema = Schema::new(&[
    Field::optional("customClaims", FieldType::AnyObject),
    Field::optional("selectedTenant", FieldType::String),
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

/// API: `POST /v1/auth/refresh`. Shared, because a refresh token works once if the project rotates it.
pub(crate) static REFRESH: Operation = Operation {
    name: "session/refresh",
    schema: &REFRESH_SCHEMA,
    validate: no_validation,
    kind: OperationKind::Remote(Endpoint {
        is_shared: true,
        ..endpoint(
            Method::Post,
            "/v1/auth/refresh",
            Credential::ValidatedRefreshToken,
            ExpectedResponse::Session,
        )
    }),
};

/// API: `POST /v1/auth/tenant/select`.
pub(crate) static SELECT_TENANT: Operation = remote(
    "session/select_tenant",
    &SELECT_TENANT_SCHEMA,
    Method::Post,
    "/v1/auth/tenant/select",
    Credential::RefreshToken,
    ExpectedResponse::Session,
);

/// API: `POST /v1/auth/me/tenants`.
pub(crate) static TENANTS: Operation = Operation {
    validate: require_one_tenant_selector,
    ..remote(
        "session/tenants",
        &TENANTS_SCHEMA,
        Method::Post,
        "/v1/auth/me/tenants",
        Credential::RefreshToken,
        ExpectedResponse::ArrayKey("tenants"),
    )
};

/// API: `POST /v1/auth/accesskey/exchange`.
pub(crate) static EXCHANGE_ACCESS_KEY: Operation = remote(
    "session/exchange_access_key",
    &EXCHANGE_ACCESS_KEY_SCHEMA,
    Method::Post,
    "/v1/auth/accesskey/exchange",
    Credential::AccessKey,
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
        kind: OperationKind::Remote(endpoint(method, path, credential, expected)),
    }
}

const fn endpoint(
    method: Method,
    path: &'static str,
    credential: Credential,
    expected: ExpectedResponse,
) -> Endpoint {
    Endpoint {
        method,
        path,
        credential,
        expected,
        repeat: Repeat::Allowed,
        is_shared: false,
    }
}

/// A request for tenants selects them in exactly one of two ways.
fn require_one_tenant_selector(request: &Object<'_>) -> Result<(), Error> {
    let has_ids = request
        .string_array("ids")
        .is_some_and(|ids| !ids.is_empty());
    match (request.is_true("dct"), has_ids) {
        (true, false) | (false, true) => Ok(()),
        (false, false) => Err(Error::argument(
            "`dct` or `ids` is required: pass `dct` true for the selected tenant, or tenant IDs as `ids`",
        )),
        (true, true) => Err(Error::argument(
            "`dct` and `ids` exclude each other: pass only one of them",
        )),
    }
}
