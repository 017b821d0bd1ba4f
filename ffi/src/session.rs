//! `descope_session_*`: what follows a sign-in, with the process's default client.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::call::call_named;

/// Checks a session token on this machine. The project's public keys are fetched when they are not
/// known yet, or too old; with them at hand no byte is sent.
///
/// json   the request, e.g. {"sessionToken": "...", "audience": "optional"}
/// out    NULL, or where the document goes: {"jwt": "...", "claims": {...}, "userId": "...",
///        "projectId": "...", "permissions": [...], "roles": [...], "tenants": {...}} or the error
///        document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK; DESCOPE_E_TOKEN for a token that does not hold, the error document's
/// "reason" says why; or why the keys could not be had. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_validate(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/validate", json, out) }
}

/// Asks for a new session token, and checks the tokens of the answer (API: POST /v1/auth/refresh).
/// The refresh token is checked on this machine before it is sent.
///
/// json   the request, e.g. {"refreshToken": "..."}
/// out    NULL, or where the document goes: as that of descope_magiclink_verify, or the error
///        document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_refresh(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/refresh", json, out) }
}

/// Asks for a session in one of the user's tenants, and checks the tokens of the answer (API: POST
/// /v1/auth/tenant/select).
///
/// json   the request, e.g. {"tenant": "T1", "refreshToken": "..."}
/// out    NULL, or where the document goes: as that of descope_magiclink_verify, or the error
///        document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_select_tenant(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/select_tenant", json, out) }
}

/// Tells who the user of a session is (API: GET /v1/auth/me).
///
/// json   the request, e.g. {"refreshToken": "..."}
/// out    NULL, or where the document goes: {"userId": "...", "loginIds": [...], ...} or the error
///        document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_me(json: *const c_char, out: *mut *mut c_char) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/me", json, out) }
}

/// Tells when the user of a session has signed in (API: GET /v1/auth/me/history).
///
/// json   the request, e.g. {"refreshToken": "..."}
/// out    NULL, or where the document goes: {"authHistory": [...]} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_history(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/history", json, out) }
}

/// Asks the service whether a session token holds (API: POST /v1/auth/validate).
///
/// json   the request, e.g. {"sessionToken": "..."}
/// out    NULL, or where the document goes: {"parsedJWT": {...}} or the error document; to be freed
///        with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_validate_remote(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/validate_remote", json, out) }
}

/// Ends a session: its refresh token works no more (API: POST /v1/auth/logout).
///
/// json   the request, e.g. {"refreshToken": "...", "logoutType": ["optional"]}
/// out    NULL, or where the document goes: the service's own, or the error document; to be freed
///        with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_logout(json: *const c_char, out: *mut *mut c_char) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/logout", json, out) }
}

/// Ends all sessions of the user (API: POST /v1/auth/logoutall).
///
/// json   the request, e.g. {"refreshToken": "..."}
/// out    NULL, or where the document goes: the service's own, or the error document; to be freed
///        with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_logout_all(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/logout_all", json, out) }
}

/// Tells which permissions the claims of a session grant: outside of tenants, or in one.
///
/// json   the request, e.g. {"claims": {...}, "permissions": ["read", "write"], "tenant":
///        "optional"}
/// out    NULL, or where the document goes: {"all": false, "matched": ["read"]} or the error
///        document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK or DESCOPE_E_ARGUMENT. Sends nothing. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_match_permissions(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/match_permissions", json, out) }
}

/// Tells which roles the claims of a session grant: outside of tenants, or in one.
///
/// json   the request, e.g. {"claims": {...}, "roles": ["admin"], "tenant": "optional"}
/// out    NULL, or where the document goes: {"all": true, "matched": ["admin"]} or the error
///        document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK or DESCOPE_E_ARGUMENT. Sends nothing. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_session_match_roles(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("session/match_roles", json, out) }
}
