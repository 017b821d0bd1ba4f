//! `/v1/auth/…`: what a signed-in user can do.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::authorization::{Bearer, ProjectState};
use super::error::{ApiError, ApiResult};
use super::request_body::{OptionalBody, RequestBody};
use super::session_response::{SessionResult, logout_response, session_response};
use crate::domain::project::TenantSelection;

/// `POST /v1/auth/refresh`.
pub(super) async fn refresh(
    State(project): ProjectState,
    bearer: Bearer,
    OptionalBody(body): OptionalBody,
) -> SessionResult {
    body.text("externalToken")?;
    let caller = bearer.refresh_token_caller(&project)?;
    session_response(project.refresh(caller)?)
}

/// `POST /v1/auth/try-refresh`: without a valid session, the response is empty instead of an error.
pub(super) async fn try_refresh(
    state: ProjectState,
    bearer: Bearer,
    body: OptionalBody,
) -> Result<Response, ApiError> {
    Ok(match refresh(state, bearer, body).await {
        Ok((headers, Json(mut response))) => {
            if let Some(response) = response.as_object_mut() {
                for key in ["user", "firstSeen", "unsavedSSO"] {
                    response.remove(key);
                }
            }
            (headers, Json(response)).into_response()
        }
        Err(error) if error.is_unauthorized() => Json(json!({})).into_response(),
        Err(error) => return Err(error),
    })
}

/// `POST /v1/auth/logout`.
pub(super) async fn logout(
    State(project): ProjectState,
    bearer: Bearer,
    OptionalBody(body): OptionalBody,
) -> SessionResult {
    let types = body.texts("logoutType")?;
    let caller = bearer.refresh_token_caller(&project)?;
    project.log_out(&caller, &types);
    logout_response(&project.settings())
}

/// `POST /v1/auth/logoutall`.
pub(super) async fn logout_all(
    State(project): ProjectState,
    bearer: Bearer,
    OptionalBody(body): OptionalBody,
) -> SessionResult {
    let types = body.texts("logoutType")?;
    let caller = bearer.refresh_token_caller(&project)?;
    project.log_out_all(&caller, &types);
    logout_response(&project.settings())
}

/// `GET /v1/auth/me`.
pub(super) async fn me(State(project): ProjectState, bearer: Bearer) -> ApiResult {
    let caller = bearer.refresh_token_caller(&project)?;
    Ok(Json(project.me(&caller)?.to_json()))
}

/// `POST /v1/auth/me/tenants`.
pub(super) async fn tenants(
    State(project): ProjectState,
    bearer: Bearer,
    body: RequestBody,
) -> ApiResult {
    let ids = body.texts("ids")?;
    let selection = match (body.flag("dct"), ids.is_empty()) {
        (true, true) => TenantSelection::Selected,
        (false, false) => TenantSelection::Ids(ids),
        _ => return Err(ApiError::invalid("Exactly one of dct and ids is required")),
    };
    let caller = bearer.refresh_token_caller(&project)?;
    let tenants = project.tenants(&caller, &selection)?;
    Ok(Json(json!({"tenants": tenants})))
}

/// `GET /v1/auth/me/history`. The response is a list, as the official SDKs expect it. In the published
/// OpenAPI document the list is in `authHistory`.
pub(super) async fn history(State(project): ProjectState, bearer: Bearer) -> ApiResult {
    let caller = bearer.refresh_token_caller(&project)?;
    let history = project.history(&caller).into_iter();
    let entries = history.map(|sign_in| {
        json!({
            "userId": caller.session.user_id,
            "loginTime": sign_in.time,
            "city": "",
            "country": "",
            "ip": "127.0.0.1",
            "selectedTenant": sign_in.tenant.unwrap_or_default(),
        })
    });
    Ok(Json(entries.collect()))
}

/// `POST /v1/auth/tenant/select`.
pub(super) async fn select_tenant(
    State(project): ProjectState,
    bearer: Bearer,
    body: RequestBody,
) -> SessionResult {
    let tenant = body.required_text("tenant")?;
    let caller = bearer.refresh_token_caller(&project)?;
    session_response(project.select_tenant(caller, tenant)?)
}

/// `POST /v1/auth/validate`.
pub(super) async fn validate(
    State(project): ProjectState,
    bearer: Bearer,
    _: OptionalBody,
) -> ApiResult {
    let caller = bearer.session_token_caller(&project)?;
    Ok(Json(json!({"parsedJWT": caller.claims})))
}
