//! All routes of a project, with their middleware.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::traffic::AppState;
use crate::traffic::control_access::{AllowedHosts, refuse_other_pages};
use crate::traffic::cors::allow_pages;
use crate::traffic::middleware::{
    MAX_READ_BODY, add_date_header, read_whole_body, record_and_inject_fault,
};
use crate::traffic::persistence::save_changes;
use crate::{api, control, inbox};

/// The routes of the API behind the middleware, and the emulator's own routes beside it. All responses
/// have a `Date` header.
pub(super) fn router(app: &AppState, allowed_hosts: &Arc<AllowedHosts>) -> Router {
    let own_routes = control::routes()
        .merge(inbox::routes())
        .method_not_allowed_fallback(control::method_not_allowed)
        .with_state(app.clone())
        .layer(from_fn_with_state(app.clone(), save_changes))
        .layer(from_fn_with_state(
            allowed_hosts.clone(),
            refuse_other_pages,
        ))
        .layer(from_fn(read_whole_body));
    api::routes()
        .with_state(app.project.clone())
        .layer(from_fn_with_state(app.clone(), save_changes))
        .layer(from_fn_with_state(app.clone(), record_and_inject_fault))
        .layer(from_fn(allow_pages))
        .merge(own_routes)
        .layer(DefaultBodyLimit::max(MAX_READ_BODY))
        .layer(from_fn_with_state(app.clone(), add_date_header))
}
