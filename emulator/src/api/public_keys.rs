//! `GET /v2/keys/{projectId}` and `/v1/keys/{projectId}`: the public keys that verify tokens.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

use super::authorization::ProjectState;
use super::error::{ApiError, ApiResult};

/// `GET /v2/keys/{projectId}`: all keys.
pub(super) async fn all_keys(
    State(project): ProjectState,
    project_id: Result<Path<String>, PathRejection>,
) -> ApiResult {
    match project_id {
        Ok(Path(id)) if id == project.id() => Ok(Json(project.keys().to_jwks())),
        _ => Err(ApiError::wrong_project()),
    }
}

/// `GET /v1/keys/{projectId}`: one key, as older SDKs expect it.
pub(super) async fn newest_key(
    State(project): ProjectState,
    project_id: Result<Path<String>, PathRejection>,
) -> ApiResult {
    match project_id {
        Ok(Path(id)) if id == project.id() => Ok(Json(project.keys().newest_jwk())),
        _ => Err(ApiError::wrong_project()),
    }
}
