//! `/v1/mgmt/…`: test users and their links, with the management key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::bearer::Manager;
use super::body::Body;
use super::error::Refusal;
use super::magiclink::{claims, redirect};
use crate::method::Method;
use crate::service::Service;
use crate::store::User;

/// `GET /v1/mgmt/license`: official SDKs ask before their first management call.
pub(crate) async fn license(_: Manager) -> Json<Value> {
    Json(json!({"rateLimitTier": "tier4"}))
}

/// `POST /v1/mgmt/user/create/test`.
pub(crate) async fn create_test_user(
    State(service): State<Arc<Service>>,
    _: Manager,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let login_id = body.required("loginId")?;
    let field = |key| Ok(body.text(key)?.unwrap_or_default().to_owned());
    let mut user = User::new(login_id, service.clock.seconds());
    // The first name is the API's, the second the official Python SDK's.
    for key in ["additionalIdentifiers", "additionalLoginIds"] {
        user.login_ids.extend(body.texts(key)?);
    }
    user.test = true;
    user.phone = field("phone")?;
    user.email = field("email")?;
    user.name = match body.text("name")? {
        Some(name) => name.to_owned(),
        None => field("displayName")?,
    };
    user.given_name = field("givenName")?;
    user.middle_name = field("middleName")?;
    user.family_name = field("familyName")?;
    user.verified_phone = body.flag("verifiedPhone");
    user.verified_email = body.flag("verifiedEmail");
    if !service.store.lock().users.add(user.clone()) {
        return Err(Refusal::taken_user());
    }
    Ok(Json(json!({"user": user.to_json(), "created": true})))
}

/// `POST /v1/mgmt/tests/generate/magiclink`: the link in the answer, and no message.
pub(crate) async fn generate_link(
    State(service): State<Arc<Service>>,
    _: Manager,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let login_id = body.required("loginId")?;
    let options = body.object("loginOptions")?;
    let redirect = redirect(&service, &body)?;
    let method = Method::named(body.text("deliveryMethod")?);
    let user = service.store.lock().users.find(login_id).cloned();
    let user = user
        .filter(|user| user.test)
        .ok_or_else(Refusal::unknown_user)?;
    let claims = claims(&options)?;
    let (link, _) = service.make_link(&user, &redirect, method, claims, options.flag("mfa"));
    Ok(Json(json!({"loginId": login_id, "link": link})))
}
