//! The API: one file per group of paths, and what they share.

mod bearer;
mod body;
mod error;
mod keys;
mod magiclink;
mod management;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::service::Service;
pub(crate) use error::Refusal;

/// The routes of the API.
pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/v1/auth/magiclink/signin/sms", post(magiclink::sign_in))
        .route("/v1/auth/magiclink/signup/sms", post(magiclink::sign_up))
        .route("/v1/auth/magiclink/verify", post(magiclink::verify))
        .route("/v2/keys/{project_id}", get(keys::keys))
        .route("/v1/mgmt/license", get(management::license))
        .route(
            "/v1/mgmt/user/create/test",
            post(management::create_test_user),
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
