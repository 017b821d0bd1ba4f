//! `/_emulator/scanner`: whether delivered links are fetched, and what came back.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{BadRequest, ControlResult, JsonBody, QueryParams};
use super::messages::parse_wait;
use crate::traffic::{AppState, ScannerSpec};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScannerQuery {
    /// How long to wait until no fetch is pending.
    wait: Option<String>,
}

pub(super) async fn get(
    State(app): State<AppState>,
    QueryParams(query): QueryParams<ScannerQuery>,
) -> ControlResult {
    let wait = parse_wait(query.wait.as_deref())?;
    // After the timeout, the list shows what is still pending.
    let _ = tokio::time::timeout(wait, app.scanner.wait()).await;
    Ok(Json(app.scanner.to_json()))
}

pub(super) async fn put(
    State(app): State<AppState>,
    JsonBody(spec): JsonBody<ScannerSpec>,
) -> ControlResult {
    app.scanner.set(&spec).map_err(BadRequest)?;
    Ok(Json(app.scanner.to_json()))
}

pub(super) async fn turn_off(State(app): State<AppState>) -> Json<Value> {
    app.scanner.turn_off();
    Json(json!({}))
}
