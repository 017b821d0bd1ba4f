//! The API: one file per group of paths, and what they share.

mod bearer;
mod body;
mod error;
mod jwt;
mod keys;
mod magiclink;
mod management;
mod session;
mod update;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::method::Method;
use crate::service::Service;
use bearer::Bearer;
use body::Body;
pub(crate) use error::Refusal;

/// The route of one magic-link operation by one method.
macro_rules! by {
    ($method:ident, $handler:path) => {
        post(
            async |state: State<Arc<Service>>, bearer: Bearer, body: Body| {
                $handler(Method::$method, state, bearer, body).await
            },
        )
    };
}

/// The routes of the API.
pub(crate) fn routes() -> Router<Arc<Service>> {
    let magic_links = Router::new()
        .route("/signin/sms", by!(Sms, magiclink::sign_in))
        .route("/signin/email", by!(Email, magiclink::sign_in))
        .route("/signin/whatsapp", by!(Whatsapp, magiclink::sign_in))
        .route("/signup/sms", by!(Sms, magiclink::sign_up))
        .route("/signup/email", by!(Email, magiclink::sign_up))
        .route("/signup/whatsapp", by!(Whatsapp, magiclink::sign_up))
        .route("/signup-in/sms", by!(Sms, magiclink::sign_up_or_in))
        .route("/signup-in/email", by!(Email, magiclink::sign_up_or_in))
        .route(
            "/signup-in/whatsapp",
            by!(Whatsapp, magiclink::sign_up_or_in),
        )
        .route("/update/email", by!(Email, update::update))
        .route("/update/phone", by!(Sms, update::update))
        .route("/update/phone/sms", by!(Sms, update::update))
        .route("/update/phone/whatsapp", by!(Whatsapp, update::update))
        .route("/verify", post(magiclink::verify));
    Router::new()
        .nest("/v1/auth/magiclink", magic_links)
        .route("/v1/auth/refresh", post(session::refresh))
        .route("/v1/auth/try-refresh", post(session::try_refresh))
        .route("/v1/auth/logout", post(session::logout))
        .route("/v1/auth/logoutall", post(session::logout_all))
        .route("/v1/auth/me", get(session::me))
        .route("/v1/auth/me/history", get(session::history))
        .route("/v1/auth/tenant/select", post(session::select_tenant))
        .route("/v1/auth/validate", post(session::validate))
        .route("/v1/keys/{project_id}", get(keys::newest_key))
        .route("/v2/keys/{project_id}", get(keys::keys))
        .route("/v1/mgmt/license", get(management::license))
        .route("/v1/mgmt/user/create", post(management::create_user))
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
            Refusal::new(
                StatusCode::NOT_FOUND,
                "E011001",
                "Request is malformed",
                "No such path",
            )
        })
        .method_not_allowed_fallback(async || {
            Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "E011001",
                "Request is malformed",
                "No such method",
            )
        })
}
