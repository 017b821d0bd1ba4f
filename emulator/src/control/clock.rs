//! `GET` and `POST /_emulator/clock`: reads, advances or sets the emulator's clock.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{BadRequest, ControlResult, JsonBody};
use crate::domain::clock::ClockReading;
use crate::domain::duration::parse_duration;
use crate::traffic::AppState;

/// Exactly one of the two must be given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeClock {
    /// A duration, such as `5m`.
    advance: Option<String>,
    /// Seconds since 1970.
    set: Option<u64>,
}

pub(super) async fn get(State(app): State<AppState>) -> Json<Value> {
    Json(to_json(&app.project.read_clock()))
}

pub(super) async fn change(
    State(app): State<AppState>,
    JsonBody(request): JsonBody<ChangeClock>,
) -> ControlResult {
    let changed = match (request.advance, request.set) {
        (Some(by), None) => {
            let by = parse_duration(&by)
                .map_err(|problem| BadRequest(format!("`advance`: {problem}")))?;
            app.project.advance_clock(by)
        }
        (None, Some(seconds)) => app.project.set_clock(Duration::from_secs(seconds)),
        _ => {
            Err("set either `advance`, such as \"5m\", or `set`, in seconds since 1970".to_owned())
        }
    };
    let reading = changed.map_err(BadRequest)?;
    Ok(Json(to_json(&reading)))
}

fn to_json(reading: &ClockReading) -> Value {
    // In seconds. An f64 holds every offset that the clock can have.
    let ahead = reading.offset_ms as f64 / 1000.0;
    json!({"now": reading.now, "ahead": ahead})
}
