//! `/v1/mgmt/…`: creating and deleting users with the management key, and links for test users.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::authorization::{ManagementAccess, ProjectState};
use super::error::{ApiError, ApiResult};
use super::request_body::RequestBody;
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::project::NewUser;

/// `GET /v1/mgmt/license`: official SDKs request it before their first management call.
pub(super) async fn license(_: ManagementAccess) -> Json<Value> {
    Json(json!({"rateLimitTier": "tier4"}))
}

/// `POST /v1/mgmt/user/create/test`.
pub(super) async fn create_test_user(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    let (user, created) = project.create_user(new_user(&body, true)?)?;
    Ok(Json(json!({"user": user.to_json(), "created": created})))
}

/// `POST /v1/mgmt/user/create`. With `test` in the body, as the official Java SDK sends it, the user is
/// a test user too.
pub(super) async fn create_user(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    let (user, created) = project.create_user(new_user(&body, body.flag("test"))?)?;
    Ok(Json(json!({"user": user.to_json(), "created": created})))
}

fn new_user(body: &RequestBody, test: bool) -> Result<NewUser, ApiError> {
    // The official .NET SDK sends the login ID as `identifier`.
    let login_id = match body.text("identifier")? {
        Some(login_id) => body.text("loginId")?.unwrap_or(login_id),
        None => body.required_text("loginId")?,
    };
    let mut login_ids = vec![login_id.to_owned()];
    let profile = body.user_profile()?;
    // In both lists, the first name is the API's and the second one the official Python SDK's.
    for key in ["additionalIdentifiers", "additionalLoginIds"] {
        login_ids.extend(body.texts(key)?);
    }
    let mut sso_app_ids = Vec::new();
    for key in ["ssoAppIds", "ssoAppIDs"] {
        sso_app_ids.extend(body.texts(key)?);
    }
    let role_names = body.texts("roleNames")?;
    let custom_attributes = body.object("customAttributes")?.into_map();
    let tenants = body.tenants("userTenants")?;
    Ok(NewUser {
        login_ids,
        profile,
        test,
        verified_phone: body.flag("verifiedPhone"),
        verified_email: body.flag("verifiedEmail"),
        verified_recovery_phone: body.flag("verifiedRecoveryPhone"),
        verified_recovery_email: body.flag("verifiedRecoveryEmail"),
        role_names,
        tenants,
        sso_app_ids,
        custom_attributes,
        status: body.text("status")?.map(str::to_owned),
    })
}

/// `POST /v1/mgmt/tests/generate/magiclink`: the response contains the link, and no message is sent.
pub(super) async fn generate_link(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    let login_id = body.required_text("loginId")?;
    let options = body.login_options()?;
    let redirect_url = body.redirect_url()?;
    let method = DeliveryMethod::from_name(body.text("deliveryMethod")?);
    let link = project.generate_test_link(login_id, method, redirect_url, &options)?;
    Ok(Json(json!({"loginId": login_id, "link": link})))
}

/// `POST /v1/mgmt/user/delete`, with a login ID or a user ID.
pub(super) async fn delete_user(
    State(project): ProjectState,
    _: ManagementAccess,
    body: RequestBody,
) -> ApiResult {
    match body.text("userId")? {
        Some(user_id) => project.delete_user(user_id)?,
        None => project.delete_user_by_login_id(body.required_text("loginId")?)?,
    }
    Ok(Json(json!({})))
}

/// `DELETE /v1/mgmt/user/test/delete/all`.
pub(super) async fn delete_test_users(
    State(project): ProjectState,
    _: ManagementAccess,
) -> Json<Value> {
    project.delete_test_users();
    Json(json!({}))
}
