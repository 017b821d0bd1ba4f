//! `descope_management_*`: operations with the management key, with the default client.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::default_client::call_operation;

/// Returns a token that signs an existing user in. No message is sent: deliver the token yourself,
/// for example in a link of your own, and pass it to descope_magiclink_verify. Needs managementKey
/// in the configuration.
/// Operation: management/embedded_link (API: POST /v1/mgmt/user/signin/embeddedlink)
///
/// json   required: loginId; optional: customClaims (object), timeout (integer; how many seconds
///        the token is valid), extra, projectId, timeoutMs
/// out    {"token": "..."}, or the error document; free it with descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_management_embedded_link(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("management/embedded_link", json, out) }
}

/// Returns a token that signs a new user up. No message is sent: deliver the token yourself, and
/// pass it to descope_magiclink_verify. Needs managementKey in the configuration.
/// Operation: management/embedded_link_signup (API: POST /v1/mgmt/user/signup/embeddedlink)
///
/// json   required: loginId; optional: user (object), emailVerified (boolean), phoneVerified
///        (boolean), loginOptions (object), timeout (integer; how many seconds the token is valid),
///        extra, projectId, timeoutMs
/// out    {"token": "..."}, or the error document; free it with descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_management_embedded_link_signup(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("management/embedded_link_signup", json, out) }
}

/// Deletes a user, whether a test user or not. This cannot be undone. Needs managementKey in the
/// configuration.
/// Operation: management/delete_user (API: POST /v1/mgmt/user/delete)
///
/// json   required: loginId; optional: extra, projectId, timeoutMs
/// out    {}, or the error document; free it with descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_management_delete_user(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("management/delete_user", json, out) }
}
