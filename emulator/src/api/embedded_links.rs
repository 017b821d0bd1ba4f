//! `/v1/mgmt/user/signin/embeddedlink` and `/v1/mgmt/user/signup/embeddedlink`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde_json::json;

use super::authorization::{ManagementAccess, ProjectState};
use super::error::{ApiError, ApiResult};
use super::request_body::RequestBody;
use crate::domain::project::EmbeddedSignUpRequest;

/// `POST /v1/mgmt/user/signin/embeddedlink`.
pub(super) async fn sign_in(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    let login_id = body.required_text("loginId")?;
    let ttl = ttl(&body)?;
    let custom_claims = body.object("customClaims")?.into_map();
    let token = project.generate_embedded_link(login_id, custom_claims, ttl)?;
    Ok(Json(json!({"token": token})))
}

/// `POST /v1/mgmt/user/signup/embeddedlink`.
pub(super) async fn sign_up(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    let token = project.generate_sign_up_embedded_link(&EmbeddedSignUpRequest {
        login_id: body.required_text("loginId")?.to_owned(),
        profile: body.object("user")?.user_profile()?,
        email_verified: body.flag("emailVerified"),
        phone_verified: body.flag("phoneVerified"),
        options: body.login_options()?,
        ttl: ttl(&body)?,
    })?;
    Ok(Json(json!({"token": token})))
}

/// The `timeout`, in seconds. 0 stands for the default.
fn ttl(body: &RequestBody) -> Result<Option<Duration>, ApiError> {
    let seconds = body.number("timeout")?;
    Ok((seconds != 0).then(|| Duration::from_secs(seconds)))
}
