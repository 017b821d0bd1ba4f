//! Sessions: what follows a sign-in, under `/v1/auth` and on this machine.
//!
//! Fields and their meaning: Descope's published OpenAPI document; the rules for tokens: what its SDKs
//! check, and the JWT's own (RFC 7519).

mod answer;
mod calls;
mod grants;
mod validate;

pub(crate) use answer::complete;
pub use calls::{
    Granted, HistoryRequest, LogoutRequest, MatchRequest, MeRequest, RefreshRequest,
    SelectTenantRequest, Session, SignedIn, ValidateRemoteRequest, ValidateRequest,
};
pub(crate) use validate::{check_refresh_token, rules};

use crate::document::{Kind, records};
use crate::operation::{Bearer, Endpoint, Method, Operation, Promise, Work, no_check};

records! {
    /// What the local check of a session takes.
    SESSION {
        "sessionToken": Kind::Text,
        "audience": Kind::TextOrTexts,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["sessionToken"];

    /// API: `ValidateSessionRequest`, which has no field.
    REMOTE_SESSION {
        "extra": Kind::Object,
        "sessionToken": Kind::Text,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["sessionToken"];

    /// API: `RefreshSessionRequest`.
    REFRESHED {
        "externalToken": Kind::Text,
        "extra": Kind::Object,
        "refreshToken": Kind::Text,
        "audience": Kind::TextOrTexts,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["refreshToken"];

    /// API: `LogoutRequest`.
    ENDED {
        "logoutType": Kind::Texts,
        "extra": Kind::Object,
        "refreshToken": Kind::Text,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["refreshToken"];

    /// What the paths without a body take.
    OWN {
        "refreshToken": Kind::Text,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["refreshToken"];

    /// API: `SelectTenantRequest`.
    TENANT {
        "tenant": Kind::Text,
        "extra": Kind::Object,
        "refreshToken": Kind::Text,
        "audience": Kind::TextOrTexts,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["tenant", "refreshToken"];

    /// What the comparison of permissions takes.
    PERMISSIONS {
        "claims": Kind::Object,
        "permissions": Kind::Texts,
        "tenant": Kind::Text,
    } needs ["claims", "permissions"];

    /// What the comparison of roles takes.
    ROLES {
        "claims": Kind::Object,
        "roles": Kind::Texts,
        "tenant": Kind::Text,
    } needs ["claims", "roles"];
}

/// Checks a session token on this machine.
pub(crate) static VALIDATE: Operation = Operation {
    name: "session/validate",
    record: &SESSION,
    check: no_check,
    work: Work::Local(validate::validate),
};

/// Compares the permissions of claims with those that are wanted.
pub(crate) static MATCH_PERMISSIONS: Operation = Operation {
    name: "session/match_permissions",
    record: &PERMISSIONS,
    check: no_check,
    work: Work::Local(|_, request, _| grants::matched("permissions", request).map(Some)),
};

/// Compares the roles of claims with those that are wanted.
pub(crate) static MATCH_ROLES: Operation = Operation {
    name: "session/match_roles",
    record: &ROLES,
    check: no_check,
    work: Work::Local(|_, request, _| grants::matched("roles", request).map(Some)),
};

/// Declares operations of the service.
macro_rules! remote {
    ($($const:ident $name:literal $method:ident $path:literal $record:ident $bearer:ident $promise:expr;)*) => {
        $(
            #[doc = concat!("API: `", stringify!($method), " ", $path, "`.")]
            pub(crate) static $const: Operation = Operation {
                name: $name,
                record: &$record,
                check: no_check,
                work: Work::Remote(Endpoint {
                    method: Method::$method,
                    path: $path,
                    bearer: Bearer::$bearer,
                    promise: $promise,
                    is_repeatable: true,
                }),
            };
        )*
    };
}

remote! {
    REFRESH "session/refresh" Post "/v1/auth/refresh" REFRESHED CheckedRefresh Promise::Session;
    SELECT_TENANT "session/select_tenant" Post "/v1/auth/tenant/select" TENANT Refresh Promise::Session;
    ME "session/me" Get "/v1/auth/me" OWN Refresh Promise::Text("userId");
    HISTORY "session/history" Get "/v1/auth/me/history" OWN Refresh Promise::Array("authHistory");
    VALIDATE_REMOTE "session/validate_remote" Post "/v1/auth/validate" REMOTE_SESSION Session Promise::Object("parsedJWT");
    LOGOUT "session/logout" Post "/v1/auth/logout" ENDED Refresh Promise::Nothing;
    LOGOUT_ALL "session/logout_all" Post "/v1/auth/logoutall" ENDED Refresh Promise::Nothing;
}
