//! `POST /_emulator/reset`: returns to the state at the start.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::extract::{ControlResult, JsonBody};
use super::rotate_keys::generate_key;
use crate::traffic::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// Whether a new key replaces all keys.
    #[serde(default)]
    keys: bool,
}

pub(super) async fn reset(
    State(app): State<AppState>,
    JsonBody(reset): JsonBody<Reset>,
) -> ControlResult {
    let new_key = match reset.keys {
        true => Some(generate_key(app.project.algorithm()).await?),
        false => None,
    };
    app.faults.clear();
    app.requests.clear();
    app.scanner.turn_off();
    app.project.reset(new_key);
    Ok(Json(json!({})))
}
