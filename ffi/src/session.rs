//! `descope_session_*`: sessions, with the default client.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::default_client::call_operation;

/// Validates a session token on this machine. The token is not sent. The public keys of the project
/// are fetched first if they are not cached, or if they are too old.
/// Operation: session/validate
///
/// json   required: sessionToken; optional: audience, projectId, timeoutMs
/// out    {"jwt": "...", "claims": {...}, "userId": "...", "projectId": "...", "permissions":
///        [...], "roles": [...], "tenants": {...}}, or the error document; free it with
///        descope_string_free
///
/// DESCOPE_E_TOKEN: the token is invalid, and "reason" says why. DESCOPE_E_NETWORK, _TLS, _TIMEOUT,
/// _PROTOCOL, _API, _RATE_LIMITED: the keys could not be fetched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_validate(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/validate", json, out) }
}

/// Requests a new session token, and validates the tokens of the response. The refresh token is
/// validated on this machine before it is sent.
/// Operation: session/refresh (API: POST /v1/auth/refresh)
///
/// json   required: refreshToken; optional: audience, externalToken, extra, projectId,
///        timeoutMs
/// out    the same as descope_magiclink_verify, or the error document; free it with
///        descope_string_free
///
/// Calls of one client with the same request that overlap share one request to the service, since
/// a refresh token that is rotated works once. refreshGraceMs in the configuration lets later calls
/// have the response as well. Processes do not share: see docs/operations.md.
///
/// DESCOPE_E_TOKEN: the refresh token is invalid, and "reason" says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_refresh(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/refresh", json, out) }
}

/// Requests a session for one of the user's tenants, and validates the tokens of the response.
/// Operation: session/select_tenant (API: POST /v1/auth/tenant/select)
///
/// json   required: tenant (its ID), refreshToken; optional: audience, extra, projectId,
///        timeoutMs
/// out    the same as descope_magiclink_verify, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_select_tenant(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/select_tenant", json, out) }
}

/// Returns tenants of the user of a session: the one that is selected in the session, or those with
/// the given IDs. Exactly one of dct and ids is required.
/// Operation: session/tenants (API: POST /v1/auth/me/tenants)
///
/// json   required: refreshToken; optional: dct (boolean; true: the selected tenant), ids (array of
///        strings), extra, projectId, timeoutMs
/// out    {"tenants": [{"id": "...", "name": "...", ...}]}, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_tenants(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/tenants", json, out) }
}

/// Exchanges an access key for a session token, and validates it. There is no refresh token:
/// exchange the key again when the session token has expired.
/// Operation: session/exchange_access_key (API: POST /v1/auth/accesskey/exchange)
///
/// json   required: accessKey (sent in the Authorization header); optional: loginOptions (object
///        with customClaims and selectedTenant), audience, extra, projectId, timeoutMs
/// out    {"sessionJwt": "...", "session": {...}, ...}, or the error document; free it with
///        descope_string_free
///
/// session is what descope_session_validate returns. Its userId is the ID of the access key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_exchange_access_key(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/exchange_access_key", json, out) }
}

/// Returns the user of a session.
/// Operation: session/me (API: GET /v1/auth/me)
///
/// json   required: refreshToken; optional: projectId, timeoutMs
/// out    {"userId": "...", "loginIds": [...], ...}, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_me(json: *const c_char, out: *mut *mut c_char) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/me", json, out) }
}

/// Returns the sign-ins of the user of a session.
/// Operation: session/history (API: GET /v1/auth/me/history)
///
/// json   required: refreshToken; optional: projectId, timeoutMs
/// out    {"authHistory": [...]}, or the error document; free it with descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_history(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/history", json, out) }
}

/// Asks the service whether a session token is valid.
/// Operation: session/validate_remote (API: POST /v1/auth/validate)
///
/// json   required: sessionToken; optional: extra, projectId, timeoutMs
/// out    {"parsedJWT": {...}}, or the error document; free it with descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_validate_remote(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/validate_remote", json, out) }
}

/// Ends a session. Its refresh token becomes invalid.
/// Operation: session/logout (API: POST /v1/auth/logout)
///
/// json   required: refreshToken; optional: logoutType (array of strings), extra, projectId,
///        timeoutMs
/// out    the JSON object of the service, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_logout(json: *const c_char, out: *mut *mut c_char) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/logout", json, out) }
}

/// Ends all sessions of the user.
/// Operation: session/logout_all (API: POST /v1/auth/logoutall)
///
/// json   required: refreshToken; optional: logoutType (array of strings), extra, projectId,
///        timeoutMs
/// out    the JSON object of the service, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_logout_all(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/logout_all", json, out) }
}

/// Checks which of the given permissions a session has. Sends nothing. claims is the value that
/// descope_session_validate returns. matched has the permissions that were found; all is true if
/// all were found.
/// Operation: session/match_permissions
///
/// json   required: claims (object), permissions (array of strings); optional: tenant (its ID)
/// out    {"all": false, "matched": ["read"]}, or the error document; free it with
///        descope_string_free
///
/// With tenant, only the permissions in that tenant count; without it, only those outside of
/// tenants.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_match_permissions(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/match_permissions", json, out) }
}

/// Checks which of the given roles a session has. Sends nothing. claims is the value that
/// descope_session_validate returns. matched has the roles that were found; all is true if all were
/// found.
/// Operation: session/match_roles
///
/// json   required: claims (object), roles (array of strings); optional: tenant (its ID)
/// out    {"all": true, "matched": ["admin"]}, or the error document; free it with
///        descope_string_free
///
/// With tenant, only the roles in that tenant count; without it, only those outside of tenants.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_match_roles(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("session/match_roles", json, out) }
}
