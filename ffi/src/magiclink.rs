//! `descope_magiclink_*`: magic links, with the process's default client.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::call::call_named;

/// Sends a magic link by SMS to a user who exists (API: POST /v1/auth/magiclink/signin/sms).
///
/// json   the request, e.g. {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/v"}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signin_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signin/sms", json, out) }
}

/// Sends a magic link by email to a user who exists (API: POST /v1/auth/magiclink/signin/email).
///
/// json   the request, e.g. {"loginId": "ann@example.com", "redirectUrl":
///        "https://app.example.com/v"}
/// out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signin_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signin/email", json, out) }
}

/// Sends a magic link by WhatsApp to a user who exists (API: POST
/// /v1/auth/magiclink/signin/whatsapp).
///
/// json   the request, e.g. {"loginId": "+14155550123"}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signin_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signin/whatsapp", json, out) }
}

/// Sends a magic link by SMS to somebody who signs up (API: POST /v1/auth/magiclink/signup/sms).
///
/// json   the request, e.g. {"loginId": "+14155550123", "user": {"name": "Ann"}}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signup/sms", json, out) }
}

/// Sends a magic link by email to somebody who signs up (API: POST
/// /v1/auth/magiclink/signup/email).
///
/// json   the request, e.g. {"loginId": "ann@example.com", "user": {"name": "Ann"}}
/// out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signup/email", json, out) }
}

/// Sends a magic link by WhatsApp to somebody who signs up (API: POST
/// /v1/auth/magiclink/signup/whatsapp).
///
/// json   the request, e.g. {"loginId": "+14155550123"}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signup/whatsapp", json, out) }
}

/// Sends a magic link by SMS, and signs the user up if there is none yet (API: POST
/// /v1/auth/magiclink/signup-in/sms).
///
/// json   the request, e.g. {"loginId": "+14155550123"}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_in_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signup-in/sms", json, out) }
}

/// Sends a magic link by email, and signs the user up if there is none yet (API: POST
/// /v1/auth/magiclink/signup-in/email).
///
/// json   the request, e.g. {"loginId": "ann@example.com"}
/// out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_in_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signup-in/email", json, out) }
}

/// Sends a magic link by WhatsApp, and signs the user up if there is none yet (API: POST
/// /v1/auth/magiclink/signup-in/whatsapp).
///
/// json   the request, e.g. {"loginId": "+14155550123"}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_signup_in_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/signup-in/whatsapp", json, out) }
}

/// Turns the token of a link into a session, and checks the tokens of the answer (API: POST
/// /v1/auth/magiclink/verify). Never sent twice: the token works once.
///
/// json   the request, e.g. {"token": "the t of the link"}
/// out    NULL, or where the document goes: {"sessionJwt": "...", "refreshJwt": "...", "user":
///        {...}, "session": {...}, "refreshClaims": {...}, ...} or the error document; to be freed
///        with descope_string_free
///
/// Returns DESCOPE_OK or any other status; after an error whose "outcome" is unknown the link may
/// be used up. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_verify(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/verify", json, out) }
}

/// Sends a magic link to another email address of a user (API: POST
/// /v1/auth/magiclink/update/email).
///
/// json   the request, e.g. {"loginId": "...", "email": "ann@example.com", "refreshToken": "..."}
/// out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_update_email(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/update/email", json, out) }
}

/// Sends a magic link by SMS to another phone number of a user (API: POST
/// /v1/auth/magiclink/update/phone/sms).
///
/// json   the request, e.g. {"loginId": "...", "phone": "+14155550123", "refreshToken": "..."}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_update_phone_sms(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/update/phone/sms", json, out) }
}

/// Sends a magic link by WhatsApp to another phone number of a user (API: POST
/// /v1/auth/magiclink/update/phone/whatsapp).
///
/// json   the request, e.g. {"loginId": "...", "phone": "+14155550123", "refreshToken": "..."}
/// out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
///        freed with descope_string_free
///
/// Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
/// may have been sent. Blocks until the answer or the deadline. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_magiclink_update_phone_whatsapp(
    json: *const c_char,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the caller keeps the contract of the header, which is that of `call_named`.
    unsafe { call_named("magiclink/update/phone/whatsapp", json, out) }
}
