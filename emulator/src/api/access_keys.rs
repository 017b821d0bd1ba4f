//! Access keys: `/v1/mgmt/accesskey/create` and `/v1/auth/accesskey/exchange`.

use axum::Json;
use axum::extract::State;
use serde_json::json;

use super::authorization::{Bearer, ManagementAccess, ProjectState};
use super::error::ApiResult;
use super::request_body::{OptionalBody, RequestBody};
use crate::domain::project::{AccessKeyOptions, NewAccessKey};

/// `POST /v1/mgmt/accesskey/create`. The response is the only one that contains the cleartext.
pub(super) async fn create(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    let (cleartext, key) = project.create_access_key(NewAccessKey {
        name: body.required_text("name")?.to_owned(),
        role_names: body.texts("roleNames")?,
        tenants: body.tenants("keyTenants")?,
        custom_claims: body.object("customClaims")?.into_map(),
        user_id: body.text("userId")?.map(str::to_owned),
        expires: body.number("expireTime")?,
    })?;
    let key = json!({
        "id": key.id,
        "name": key.name,
        "roleNames": key.role_names,
        "keyTenants": key.tenants,
        "customClaims": key.custom_claims,
        "boundUserId": key.user_id.unwrap_or_default(),
        "expireTime": key.expires,
        "createdTime": key.created,
        "status": "active",
    });
    Ok(Json(json!({"cleartext": cleartext, "key": key})))
}

/// `POST /v1/auth/accesskey/exchange`. The token is in the body, also if those of users are in cookies:
/// the caller is not a browser.
pub(super) async fn exchange(
    State(project): ProjectState,
    Bearer(credentials): Bearer,
    OptionalBody(body): OptionalBody,
) -> ApiResult {
    let options = body.object("loginOptions")?;
    let options = AccessKeyOptions {
        tenant: options.text("selectedTenant")?.map(str::to_owned),
        custom_claims: options.object("customClaims")?.into_map(),
    };
    let session = project.exchange_access_key(&credentials, options)?;
    Ok(Json(json!({
        "sessionJwt": session.token,
        "keyId": session.key_id,
        "expiration": session.expires,
    })))
}
