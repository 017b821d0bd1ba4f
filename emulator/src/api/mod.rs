//! The API of the service. Handlers parse a request, call the project, and render its result.

mod access_keys;
mod authorization;
mod embedded_links;
pub(crate) mod error;
mod magic_links;
mod management;
mod masking;
mod public_keys;
mod request_body;
mod session_response;
mod sessions;
mod update_address;
mod user_search;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, delete, get, post};

use crate::domain::delivery_method::DeliveryMethod::{self, Email, Sms, Whatsapp};
use crate::domain::project::Project;
use authorization::{Bearer, ProjectState};
use error::{ApiError, ApiResult};
use magic_links::{sign_in, sign_up, sign_up_or_in, verify};
use request_body::RequestBody;
use update_address::update_address;

/// The routes of the API.
pub(crate) fn routes() -> Router<Arc<Project>> {
    let magic_links = Router::new()
        .route("/signin/sms", post_with(Sms, sign_in))
        .route("/signin/email", post_with(Email, sign_in))
        .route("/signin/whatsapp", post_with(Whatsapp, sign_in))
        .route("/signup/sms", post_with(Sms, sign_up))
        .route("/signup/email", post_with(Email, sign_up))
        .route("/signup/whatsapp", post_with(Whatsapp, sign_up))
        .route("/signup-in/sms", post_with(Sms, sign_up_or_in))
        .route("/signup-in/email", post_with(Email, sign_up_or_in))
        .route("/signup-in/whatsapp", post_with(Whatsapp, sign_up_or_in))
        .route("/update/email", post_with(Email, update_address))
        .route("/update/phone", post_with(Sms, update_address))
        .route("/update/phone/sms", post_with(Sms, update_address))
        .route(
            "/update/phone/whatsapp",
            post_with(Whatsapp, update_address),
        )
        .route("/verify", post(verify));
    Router::new()
        .nest("/v1/auth/magiclink", magic_links)
        .route("/v1/auth/refresh", post(sessions::refresh))
        .route("/v1/auth/try-refresh", post(sessions::try_refresh))
        .route("/v1/auth/logout", post(sessions::logout))
        .route("/v1/auth/logoutall", post(sessions::logout_all))
        .route("/v1/auth/me", get(sessions::me))
        .route("/v1/auth/me/history", get(sessions::history))
        .route("/v1/auth/me/tenants", post(sessions::tenants))
        .route("/v1/auth/accesskey/exchange", post(access_keys::exchange))
        .route("/v1/auth/tenant/select", post(sessions::select_tenant))
        .route("/v1/auth/validate", post(sessions::validate))
        .route("/v1/keys/{project_id}", get(public_keys::newest_key))
        .route("/v2/keys/{project_id}", get(public_keys::all_keys))
        .route("/v1/mgmt/license", get(management::license))
        .route("/v1/mgmt/accesskey/create", post(access_keys::create))
        .route(
            "/v1/mgmt/user/signin/embeddedlink",
            post(embedded_links::sign_in),
        )
        .route(
            "/v1/mgmt/user/signup/embeddedlink",
            post(embedded_links::sign_up),
        )
        .route("/v1/mgmt/user", get(user_search::load))
        .route("/v2/mgmt/user/search", post(user_search::search))
        .route(
            "/v2/mgmt/user/search/test",
            post(user_search::search_test_users),
        )
        .route("/v1/mgmt/user/create", post(management::create_user))
        .route("/v1/mgmt/user/delete", post(management::delete_user))
        .route(
            "/v1/mgmt/user/create/test",
            post(management::create_test_user),
        )
        .route(
            "/v1/mgmt/user/test/delete/all",
            delete(management::delete_test_users),
        )
        .route(
            "/v1/mgmt/tests/generate/magiclink",
            post(management::generate_link),
        )
        .fallback(async || {
            ApiError::new(
                StatusCode::NOT_FOUND,
                "E011001",
                "Request is malformed",
                "No such path",
            )
        })
        .method_not_allowed_fallback(async || {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "E011001",
                "Request is malformed",
                "No such method",
            )
        })
}

/// A POST route whose handler gets the delivery method that the path stands for.
fn post_with<H, F>(method: DeliveryMethod, handler: H) -> MethodRouter<Arc<Project>>
where
    H: Fn(DeliveryMethod, ProjectState, Bearer, RequestBody) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ApiResult> + Send + 'static,
{
    post(
        move |project: ProjectState, bearer: Bearer, body: RequestBody| {
            handler(method, project, bearer, body)
        },
    )
}
