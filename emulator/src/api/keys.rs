//! `GET /v2/keys/{projectId}` and `/v1/keys/{projectId}`: the public keys that tokens are checked with.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde_json::Value;

use super::error::Refusal;
use crate::service::Service;

pub(crate) async fn keys(
    State(service): State<Arc<Service>>,
    project_id: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    match project_id {
        Ok(Path(id)) if id == service.project_id => Ok(Json(service.signer.key_set())),
        _ => Err(Refusal::wrong_project()),
    }
}

/// The older path, which gives one key.
pub(crate) async fn newest_key(
    State(service): State<Arc<Service>>,
    project_id: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    match project_id {
        Ok(Path(id)) if id == service.project_id => Ok(Json(service.signer.newest_key())),
        _ => Err(Refusal::wrong_project()),
    }
}
