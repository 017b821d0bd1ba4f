//! `GET`, `PUT` and `PATCH /_emulator/settings`: the settings of the project.

use axum::Json;
use axum::extract::State;

use super::extract::{BadRequest, JsonBody};
use crate::domain::settings::{Settings, SettingsPatch};
use crate::traffic::AppState;

pub(super) async fn get(State(app): State<AppState>) -> Json<Settings> {
    Json(app.project.settings())
}

/// Changes the given settings; all others stay. If one is invalid, nothing changes.
pub(super) async fn change(
    State(app): State<AppState>,
    JsonBody(patch): JsonBody<SettingsPatch>,
) -> Result<Json<Settings>, BadRequest> {
    let changed = app.project.change_settings(patch);
    changed.map(Json).map_err(BadRequest)
}
