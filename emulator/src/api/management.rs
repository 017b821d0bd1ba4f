//! `/v1/mgmt/…`: users made with the management key, test users and their links.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::bearer::Manager;
use super::body::Body;
use super::error::Refusal;
use super::magiclink::{describe, purpose, redirect};
use crate::method::Method;
use crate::service::Service;
use crate::store::{Membership, User};

type Project = State<Arc<Service>>;

/// `GET /v1/mgmt/license`: official SDKs ask before their first management call.
pub(crate) async fn license(_: Manager) -> Json<Value> {
    Json(json!({"rateLimitTier": "tier4"}))
}

/// `POST /v1/mgmt/user/create/test`.
pub(crate) async fn create_test_user(
    State(service): Project,
    _: Manager,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    create(&service, &body, true)
}

/// `POST /v1/mgmt/user/create`: a test user too, if the body says so, as the official Java SDK's
/// does. Nobody is invited.
pub(crate) async fn create_user(
    State(service): Project,
    _: Manager,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    create(&service, &body, body.flag("test"))
}

fn create(service: &Service, body: &Body, test: bool) -> Result<Json<Value>, Refusal> {
    let login_id = body.required("loginId")?;
    let mut user = User::new(login_id, service.clock.seconds());
    describe(&mut user, body)?;
    // The first name of each two is the API's, the second the official Python SDK's.
    for key in ["additionalIdentifiers", "additionalLoginIds"] {
        user.login_ids.extend(body.texts(key)?);
    }
    for key in ["ssoAppIds", "ssoAppIDs"] {
        user.sso_app_ids.extend(body.texts(key)?);
    }
    user.test = test;
    user.verified_phone = body.flag("verifiedPhone");
    user.verified_email = body.flag("verifiedEmail");
    user.verified_recovery_phone = body.flag("verifiedRecoveryPhone");
    user.verified_recovery_email = body.flag("verifiedRecoveryEmail");
    user.role_names = body.texts("roleNames")?;
    user.custom_attributes = body.object("customAttributes")?.into_inner();
    for tenant in body.objects("userTenants")? {
        user.user_tenants.push(Membership {
            tenant_id: tenant.required("tenantId")?.to_owned(),
            role_names: tenant.texts("roleNames")?,
            ..Membership::default()
        });
    }
    match body.text("status")? {
        None => {}
        Some(status @ ("enabled" | "disabled" | "invited")) => status.clone_into(&mut user.status),
        Some(_) => return Err(Refusal::invalid("The status is unknown")),
    }
    if !service.store.lock().users.add(user.clone()) {
        return Err(Refusal::taken_user());
    }
    Ok(Json(json!({"user": user.to_json(), "created": true})))
}

/// `POST /v1/mgmt/tests/generate/magiclink`: the link in the answer, and no message.
pub(crate) async fn generate_link(
    State(service): Project,
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
    let purpose = purpose(&options, &user)?;
    let (link, _) = service.make_link(&user.user_id, &redirect, method, purpose);
    Ok(Json(json!({"loginId": login_id, "link": link})))
}

/// `DELETE /v1/mgmt/user/test/delete/all`.
pub(crate) async fn delete_test_users(State(service): Project, _: Manager) -> Json<Value> {
    let mut state = service.store.lock();
    let users = state.users.list().into_iter();
    let tests: HashSet<String> = users
        .filter(|user| user.test)
        .map(|user| user.user_id.clone())
        .collect();
    state.forget(&tests);
    Json(json!({}))
}
