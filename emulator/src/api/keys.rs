//! `GET /v2/keys/{projectId}`: the public keys that tokens are checked with.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::error::Refusal;
use crate::service::Service;

pub(crate) async fn keys(
    State(service): State<Arc<Service>>,
    Path(project_id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    match project_id == service.project_id {
        true => Ok(Json(service.signer.key_set())),
        false => Err(Refusal::wrong_project()),
    }
}
