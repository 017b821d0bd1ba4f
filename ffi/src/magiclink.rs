//! `descope_magiclink_*`: magic links, with the default client.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::default_client::call_operation;

/// Sends a magic link by SMS to an existing user.
/// Operation: magiclink/signin/sms (API: POST /v1/auth/magiclink/signin/sms)
///
/// json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
///        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
///        timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
/// outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signin_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signin/sms", json, out) }
}

/// Sends a magic link by email to an existing user.
/// Operation: magiclink/signin/email (API: POST /v1/auth/magiclink/signin/email)
///
/// json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
///        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
///        timeoutMs
/// out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
///
/// refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
/// outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signin_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signin/email", json, out) }
}

/// Sends a magic link by WhatsApp to an existing user.
/// Operation: magiclink/signin/whatsapp (API: POST /v1/auth/magiclink/signin/whatsapp)
///
/// json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
///        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
///        timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
/// outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signin_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signin/whatsapp", json, out) }
}

/// Creates a user and sends a magic link by SMS.
/// Operation: magiclink/signup/sms (API: POST /v1/auth/magiclink/signup/sms)
///
/// json   required: loginId, email or phone (at least one, here or inside user); optional: user
///        (object), redirectUrl, loginOptions (object), providerId, templateId, extra,
///        projectId, timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// After an error with the outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signup/sms", json, out) }
}

/// Creates a user and sends a magic link by email.
/// Operation: magiclink/signup/email (API: POST /v1/auth/magiclink/signup/email)
///
/// json   required: loginId, email or phone (at least one, here or inside user); optional: user
///        (object), redirectUrl, loginOptions (object), providerId, templateId, extra,
///        projectId, timeoutMs
/// out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
///
/// After an error with the outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signup/email", json, out) }
}

/// Creates a user and sends a magic link by WhatsApp.
/// Operation: magiclink/signup/whatsapp (API: POST /v1/auth/magiclink/signup/whatsapp)
///
/// json   required: loginId, email or phone (at least one, here or inside user); optional: user
///        (object), redirectUrl, loginOptions (object), providerId, templateId, extra,
///        projectId, timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// After an error with the outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signup/whatsapp", json, out) }
}

/// Sends a magic link by SMS. Creates the user if it does not exist.
/// Operation: magiclink/signup-in/sms (API: POST /v1/auth/magiclink/signup-in/sms)
///
/// json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
///        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
///        timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
/// outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_in_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signup-in/sms", json, out) }
}

/// Sends a magic link by email. Creates the user if it does not exist.
/// Operation: magiclink/signup-in/email (API: POST /v1/auth/magiclink/signup-in/email)
///
/// json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
///        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
///        timeoutMs
/// out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
///
/// refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
/// outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_in_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signup-in/email", json, out) }
}

/// Sends a magic link by WhatsApp. Creates the user if it does not exist.
/// Operation: magiclink/signup-in/whatsapp (API: POST /v1/auth/magiclink/signup-in/whatsapp)
///
/// json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
///        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
///        timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
/// outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_in_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/signup-in/whatsapp", json, out) }
}

/// Exchanges the token of a magic link for a session, and validates the tokens of the response.
/// Operation: magiclink/verify (API: POST /v1/auth/magiclink/verify)
///
/// json   required: token (the parameter t of the link); optional: audience, extra, projectId,
///        timeoutMs
/// out    {"sessionJwt": "...", "refreshJwt": "...", "user": {...}, "session": {...},
///        "refreshClaims": {...}, "serverTime": 1760000000, ...}, or the error document; free it
///        with descope_string_free
///
/// session is what descope_session_validate returns, refreshClaims the claims of the refresh
/// token, serverTime when the response was sent: seconds since 1970 by the clock of the service
/// (absent if it does not say). The clock of this machine does not judge these tokens. The token of
/// the link works once, so the request is repeated only if no byte of it was sent. After an error
/// with the outcome "unknown" it may be used up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_verify(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/verify", json, out) }
}

/// Sends a magic link to a new email address of a user.
/// Operation: magiclink/update/email (API: POST /v1/auth/magiclink/update/email)
///
/// json   required: loginId, email, refreshToken; optional: redirectUrl, addToLoginIDs
///        (boolean), onMergeUseExisting (boolean), failOnConflict (boolean), providerId,
///        templateId, templateOptions (object of strings), locale, extra, projectId, timeoutMs
/// out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
///
/// After an error with the outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_update_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/update/email", json, out) }
}

/// Sends a magic link by SMS to a new phone number of a user.
/// Operation: magiclink/update/phone/sms (API: POST /v1/auth/magiclink/update/phone/sms)
///
/// json   required: loginId, phone, refreshToken; optional: redirectUrl, addToLoginIDs
///        (boolean), onMergeUseExisting (boolean), failOnConflict (boolean), providerId,
///        templateId, templateOptions (object of strings), locale, extra, projectId, timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// After an error with the outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_update_phone_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/update/phone/sms", json, out) }
}

/// Sends a magic link by WhatsApp to a new phone number of a user.
/// Operation: magiclink/update/phone/whatsapp (API: POST
/// /v1/auth/magiclink/update/phone/whatsapp)
///
/// json   required: loginId, phone, refreshToken; optional: redirectUrl, addToLoginIDs
///        (boolean), onMergeUseExisting (boolean), failOnConflict (boolean), providerId,
///        templateId, templateOptions (object of strings), locale, extra, projectId, timeoutMs
/// out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
///
/// After an error with the outcome "unknown" the message may have been sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_update_phone_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires what `call_operation` requires.
    unsafe { call_operation("magiclink/update/phone/whatsapp", json, out) }
}
