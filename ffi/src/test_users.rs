//! `descope_test_*`: test users, with the default client and its management key.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::default_client::call_operation;

/// Creates a test user. Needs managementKey in the configuration.
/// Operation: test/create_user (API: POST /v1/mgmt/user/create/test)
///
/// json   required: loginId; optional: email, phone, verifiedEmail (boolean), verifiedPhone
///        (boolean), name, givenName, middleName, familyName, picture, roleNames (array of
///        strings), userTenants (array of objects), customAttributes (object),
///        additionalIdentifiers (array of strings), ssoAppIds (array of strings), password,
///        hashedPassword (object), status, test (boolean), invite (boolean), inviteUrl,
///        sendMail (boolean), sendSMS (boolean), templateOptions (object of strings),
///        recoveryEmail, recoveryPhone, verifiedRecoveryEmail (boolean), verifiedRecoveryPhone
///        (boolean), extra, projectId, timeoutMs
/// out    {"user": {...}, "created": true}, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_test_create_user(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("test/create_user", json, out) }
}

/// Returns a magic link for a test user, without sending a message. Needs managementKey in the
/// configuration.
/// Operation: test/generate_magiclink (API: POST /v1/mgmt/tests/generate/magiclink)
///
/// json   required: loginId, deliveryMethod ("sms", "email" or "whatsapp"); optional:
///        redirectUrl, loginOptions (object), extra, projectId, timeoutMs
/// out    {"loginId": "...", "link": "https://...?t=..."}, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_test_generate_magiclink(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("test/generate_magiclink", json, out) }
}

/// Deletes all test users of the project. Needs managementKey in the configuration.
/// Operation: test/delete_all_users (API: DELETE /v1/mgmt/user/test/delete/all)
///
/// json   optional: projectId, timeoutMs
/// out    the JSON object of the service, or the error document; free it with
///        descope_string_free
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_test_delete_all_users(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("test/delete_all_users", json, out) }
}
