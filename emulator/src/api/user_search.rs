//! `/v1/mgmt/user` and `/v2/mgmt/user/search`: reading users with the management key.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::authorization::{ManagementAccess, ProjectState};
use super::error::{ApiError, ApiResult};
use super::request_body::{OptionalBody, RequestBody};
use crate::domain::project::{Project, TestUsers, UserSearch};
use crate::domain::user::User;

/// Conditions that the service has and the emulator has not. Ignoring one would return the wrong users.
const UNSUPPORTED_KEYS: [&str; 13] = [
    "customAttributes",
    "dependent",
    "familyIds",
    "fromCreatedTime",
    "fromModifiedTime",
    "lockReasons",
    "sort",
    "ssoAppIds",
    "tempLockReasons",
    "tenantRoleIds",
    "tenantRoleNames",
    "toCreatedTime",
    "toModifiedTime",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserQuery {
    #[serde(default)]
    login_id: String,
    /// The same, as the .NET SDK names it.
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    user_id: String,
}

/// `GET /v1/mgmt/user?loginId=…` or `?userId=…`.
pub(super) async fn load(
    State(project): ProjectState,
    _: ManagementAccess,
    Query(query): Query<UserQuery>,
) -> ApiResult {
    let login_id = match query.login_id.is_empty() {
        true => query.identifier,
        false => query.login_id,
    };
    let user = match (login_id.is_empty(), query.user_id.is_empty()) {
        (false, _) => project.load_user_by_login_id(&login_id)?,
        (true, false) => project.load_user(&query.user_id)?,
        (true, true) => return Err(ApiError::invalid("The loginId field is required")),
    };
    Ok(Json(json!({"user": user.to_json()})))
}

/// `POST /v2/mgmt/user/search`.
pub(super) async fn search(
    State(project): ProjectState,
    _: ManagementAccess,
    OptionalBody(body): OptionalBody,
) -> ApiResult {
    let test_users = match (body.flag("testUsersOnly"), body.flag("withTestUser")) {
        (true, _) => TestUsers::Only,
        (false, true) => TestUsers::Included,
        (false, false) => TestUsers::Excluded,
    };
    find(&project, &body, test_users)
}

/// `POST /v2/mgmt/user/search/test`.
pub(super) async fn search_test_users(
    State(project): ProjectState,
    _: ManagementAccess,
    OptionalBody(body): OptionalBody,
) -> ApiResult {
    find(&project, &body, TestUsers::Only)
}

fn find(project: &Project, body: &RequestBody, test_users: TestUsers) -> ApiResult {
    if let Some(key) = UNSUPPORTED_KEYS.iter().find(|key| body.is_set(key)) {
        return Err(ApiError::invalid(format!(
            "The emulator does not search by {key}"
        )));
    }
    let (users, total) = project.search_users(&UserSearch {
        login_ids: body.texts("loginIds")?,
        user_ids: body.texts("userIds")?,
        emails: body.texts("emails")?,
        phones: body.texts("phones")?,
        tenant_ids: body.texts("tenantIds")?,
        role_names: body.texts("roleNames")?,
        statuses: body.texts("statuses")?,
        text: body.text("text")?.map(str::to_owned),
        test_users,
        limit: body.number("limit")?,
        page: body.number("page")?,
    });
    let users: Value = users.iter().map(User::to_json).collect();
    Ok(Json(json!({"users": users, "total": total})))
}
