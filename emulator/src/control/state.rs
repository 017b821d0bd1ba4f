//! `GET` and `PUT /_emulator/state`: users, tenants, access keys and settings. The JSON that GET returns can
//! be PUT.

use axum::Json;
use axum::extract::State;

use super::extract::{BadRequest, JsonBody};
use crate::domain::project::{Snapshot, SnapshotPatch};
use crate::traffic::AppState;

pub(super) async fn get(State(app): State<AppState>) -> Json<Snapshot> {
    Json(app.project.snapshot())
}

/// Replaces the given parts. If one is invalid, nothing changes.
pub(super) async fn put(
    State(app): State<AppState>,
    JsonBody(patch): JsonBody<SnapshotPatch>,
) -> Result<Json<Snapshot>, BadRequest> {
    app.project.restore(patch).map(Json).map_err(BadRequest)
}
