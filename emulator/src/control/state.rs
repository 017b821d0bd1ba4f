//! `GET` and `PUT /_emulator/state`: users and settings. The JSON that GET returns can be PUT.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::extract::{BadRequest, JsonBody};
use crate::domain::project::Snapshot;
use crate::domain::settings::SettingsPatch;
use crate::domain::user::User;
use crate::traffic::AppState;

/// A part that is left out stays as it is. Given users replace all existing ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PutState {
    users: Option<Vec<User>>,
    settings: Option<SettingsPatch>,
}

pub(super) async fn get(State(app): State<AppState>) -> Json<Snapshot> {
    Json(app.project.snapshot())
}

/// Replaces users and changes settings. If a part is invalid, nothing changes.
pub(super) async fn put(
    State(app): State<AppState>,
    JsonBody(state): JsonBody<PutState>,
) -> Result<Json<Snapshot>, BadRequest> {
    app.project
        .restore(state.users, state.settings)
        .map(Json)
        .map_err(BadRequest)
}
