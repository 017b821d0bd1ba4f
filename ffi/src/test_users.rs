//! `descope_test_*`: users for tests, with the process's default client and its management key.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::call::call_named;

/// Makes a test user, with the management key (API: POST /v1/mgmt/user/create/test).
///
/// json   the request, e.g. {"loginId": "+14155550123", "phone": "+14155550123"}
/// out    NULL, or where the document goes: {"user": {...}, "created": true} or the error document;
///        to be freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_test_create_user(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("test/create_user", json, out) }
}

/// Makes the link that a test user would be sent, with the management key (API: POST
/// /v1/mgmt/tests/generate/magiclink).
///
/// json   the request, e.g. {"loginId": "+14155550123", "deliveryMethod": "sms"}
/// out    NULL, or where the document goes: {"loginId": "...", "link": "https://...?t=..."} or the
///        error document; to be freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_test_generate_magiclink(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("test/generate_magiclink", json, out) }
}

/// Deletes every test user of the project, with the management key (API: DELETE
/// /v1/mgmt/user/test/delete/all).
///
/// json   the request, e.g. {}
/// out    NULL, or where the document goes: the service's own, or the error document; to be freed
///        with descope_string_free
///
/// Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_test_delete_all_users(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("test/delete_all_users", json, out) }
}
