//! `/v1/auth/…`: what follows a sign-in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::bearer::{Bearer, Caller};
use super::body::{Body, OptionalBody};
use super::error::Refusal;
use super::jwt;
use crate::service::Service;
use crate::store::User;

type Answer = Result<Json<Value>, Refusal>;
type Project = State<Arc<Service>>;

/// `POST /v1/auth/refresh`.
pub(crate) async fn refresh(
    State(service): Project,
    bearer: Bearer,
    OptionalBody(body): OptionalBody,
) -> jwt::Answer {
    body.text("externalToken")?;
    let caller = bearer.by_refresh_token(&service)?;
    let user = user(&service, &caller)?;
    jwt::signed(&service, &caller.session, &user, false)
}

/// `POST /v1/auth/try-refresh`: nothing, instead of an error, for whoever has no session.
pub(crate) async fn try_refresh(
    state: Project,
    bearer: Bearer,
    body: OptionalBody,
) -> Result<Response, Refusal> {
    Ok(match refresh(state, bearer, body).await {
        Ok((headers, Json(mut answer))) => {
            if let Some(answer) = answer.as_object_mut() {
                for key in ["user", "firstSeen", "unsavedSSO"] {
                    answer.remove(key);
                }
            }
            (headers, Json(answer)).into_response()
        }
        Err(refusal) if refusal.is_for_want_of_a_token() => Json(json!({})).into_response(),
        Err(refusal) => return Err(refusal),
    })
}

/// `POST /v1/auth/logout`.
pub(crate) async fn logout(
    State(service): Project,
    bearer: Bearer,
    OptionalBody(body): OptionalBody,
) -> jwt::Answer {
    let types = body.texts("logoutType")?;
    let caller = bearer.by_refresh_token(&service)?;
    let is_meant = |factor: &String| types.contains(factor);
    if types.is_empty() || caller.session.factors.iter().any(is_meant) {
        let mut state = service.store.lock();
        if let Some(session) = state.sessions.find(&caller.session.id) {
            session.is_revoked = true;
        }
    }
    jwt::cleared(&service)
}

/// `POST /v1/auth/logoutall`.
pub(crate) async fn logout_all(
    State(service): Project,
    bearer: Bearer,
    OptionalBody(body): OptionalBody,
) -> jwt::Answer {
    let types = body.texts("logoutType")?;
    let caller = bearer.by_refresh_token(&service)?;
    let mut state = service.store.lock();
    state.sessions.revoke(&caller.session.user_id, &types);
    drop(state);
    jwt::cleared(&service)
}

/// `GET /v1/auth/me`.
pub(crate) async fn me(State(service): Project, bearer: Bearer) -> Answer {
    let caller = bearer.by_refresh_token(&service)?;
    Ok(Json(user(&service, &caller)?.to_json()))
}

/// `GET /v1/auth/me/history`: a list by itself, as the official SDKs read it; the published document
/// has it under `authHistory`.
pub(crate) async fn history(State(service): Project, bearer: Bearer) -> Answer {
    let caller = bearer.by_refresh_token(&service)?;
    let user_id = caller.session.user_id;
    let history = service.store.lock().sessions.history(&user_id);
    let entries = history.into_iter().map(|sign_in| {
        json!({
            "userId": user_id,
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
pub(crate) async fn select_tenant(
    State(service): Project,
    bearer: Bearer,
    body: Body,
) -> jwt::Answer {
    let tenant = body.required("tenant")?;
    let mut caller = bearer.by_refresh_token(&service)?;
    let user = user(&service, &caller)?;
    if user.tenant(tenant).is_none() {
        return Err(Refusal::invalid("The user is not in this tenant"));
    }
    caller.session.tenant = Some(tenant.to_owned());
    let mut state = service.store.lock();
    if let Some(session) = state.sessions.find(&caller.session.id) {
        session.tenant.clone_from(&caller.session.tenant);
    }
    drop(state);
    jwt::signed(&service, &caller.session, &user, false)
}

/// `POST /v1/auth/validate`.
pub(crate) async fn validate(State(service): Project, bearer: Bearer, _: OptionalBody) -> Answer {
    let caller = bearer.by_session_token(&service)?;
    Ok(Json(json!({"parsedJWT": caller.claims})))
}

fn user(service: &Service, caller: &Caller) -> Result<User, Refusal> {
    let mut state = service.store.lock();
    let user = state.users.by_id(&caller.session.user_id);
    user.filter(|user| user.is_enabled())
        .cloned()
        .ok_or_else(Refusal::wrong_refresh_token)
}
