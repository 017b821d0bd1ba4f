//! `/v1/auth/magiclink/…`: sign-in, sign-up and sign-up-or-in by SMS, email and WhatsApp, and verification.

use axum::Json;
use axum::extract::State;

use super::authorization::{Bearer, ProjectState};
use super::error::{ApiError, ApiResult};
use super::masking::masked_address_response;
use super::request_body::RequestBody;
use super::session_response::{SessionResult, session_response};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::project::{SignInRequest, SignUpRequest};

/// `POST /v1/auth/magiclink/signin/{method}`.
pub(super) async fn sign_in(
    method: DeliveryMethod,
    State(project): ProjectState,
    Bearer(credentials): Bearer,
    body: RequestBody,
) -> ApiResult {
    let to = project.sign_in(method, &sign_in_request(&body)?, &credentials)?;
    Ok(Json(masked_address_response(method, &to)))
}

/// `POST /v1/auth/magiclink/signup-in/{method}`.
pub(super) async fn sign_up_or_in(
    method: DeliveryMethod,
    State(project): ProjectState,
    Bearer(credentials): Bearer,
    body: RequestBody,
) -> ApiResult {
    let to = project.sign_up_or_in(method, &sign_in_request(&body)?, &credentials)?;
    Ok(Json(masked_address_response(method, &to)))
}

/// `POST /v1/auth/magiclink/signup/{method}`.
pub(super) async fn sign_up(
    method: DeliveryMethod,
    State(project): ProjectState,
    _: Bearer,
    body: RequestBody,
) -> ApiResult {
    let to = project.sign_up(method, &sign_up_request(method, &body)?)?;
    Ok(Json(masked_address_response(method, &to)))
}

/// `POST /v1/auth/magiclink/verify`.
pub(super) async fn verify(
    State(project): ProjectState,
    _: Bearer,
    body: RequestBody,
) -> SessionResult {
    session_response(project.verify_link(body.required_text("token")?)?)
}

fn sign_in_request(body: &RequestBody) -> Result<SignInRequest, ApiError> {
    Ok(SignInRequest {
        login_id: body.required_text("loginId")?.to_owned(),
        redirect_url: body.redirect_url()?.map(str::to_owned),
        use_recovery: body.flag("useRecovery"),
        options: body.login_options()?,
    })
}

fn sign_up_request(method: DeliveryMethod, body: &RequestBody) -> Result<SignUpRequest, ApiError> {
    let user = body.object("user")?;
    // Some SDKs name the phone number after the method.
    let (body_keys, user_keys): (&[&str], &[&str]) = match method {
        DeliveryMethod::Email => (&["email"], &["email"]),
        DeliveryMethod::Sms | DeliveryMethod::Whatsapp => {
            (&["phone", "whatsapp", "voice"], &["phone"])
        }
    };
    let address = match body.first_text(body_keys)? {
        Some(address) => Some(address),
        None => user.first_text(user_keys)?,
    };
    let login_id = body
        .text("loginId")?
        .or(user.text("loginId")?)
        .or(address)
        .ok_or_else(|| ApiError::invalid("The loginId field is required"))?;
    Ok(SignUpRequest {
        login_id: login_id.to_owned(),
        address: address.map(str::to_owned),
        redirect_url: body.redirect_url()?.map(str::to_owned),
        profile: user.user_profile()?,
        options: body.login_options()?,
    })
}
