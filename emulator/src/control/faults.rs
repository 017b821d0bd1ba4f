//! `/_emulator/faults` and `/_emulator/faults/random`: faults for requests to the API.

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::extract::{BadRequest, ControlResult, JsonBody};
use crate::net::connection::Connection;
use crate::traffic::{AppState, FaultSpec, RandomFaultsSpec};

pub(super) async fn list(State(app): State<AppState>) -> Json<Value> {
    Json(app.faults.to_json())
}

pub(super) async fn add(
    State(app): State<AppState>,
    Extension(connection): Extension<Connection>,
    JsonBody(spec): JsonBody<FaultSpec>,
) -> ControlResult {
    app.faults
        .add(spec, connection.newest_number())
        .map_err(BadRequest)?;
    Ok(Json(app.faults.to_json()))
}

/// Removes all faults, the random ones too.
pub(super) async fn clear(State(app): State<AppState>) -> Json<Value> {
    app.faults.clear();
    Json(json!({}))
}

pub(super) async fn list_random(State(app): State<AppState>) -> Json<Value> {
    Json(app.faults.random_to_json())
}

pub(super) async fn set_random(
    State(app): State<AppState>,
    JsonBody(spec): JsonBody<RandomFaultsSpec>,
) -> ControlResult {
    app.faults.set_random(spec).map_err(BadRequest)?;
    Ok(Json(app.faults.random_to_json()))
}

pub(super) async fn clear_random(State(app): State<AppState>) -> Json<Value> {
    app.faults.clear_random();
    Json(json!({}))
}
