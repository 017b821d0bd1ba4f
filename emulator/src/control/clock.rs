//! `GET` and `POST /_emulator/clock`: reads or changes the emulator's clock.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{BadRequest, ControlResult, JsonBody};
use crate::domain::clock::ClockReading;
use crate::domain::duration::{parse_duration, parse_signed_duration};
use crate::traffic::AppState;

/// Exactly one of the three must be given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeClock {
    /// A duration, such as `5m`.
    advance: Option<String>,
    /// Seconds since 1970.
    set: Option<u64>,
    /// How far the clock is ahead of the machine's, such as `5m`, or `-12m` if it is behind. It does not
    /// matter what the clock showed before.
    offset: Option<String>,
}

pub(super) async fn get(State(app): State<AppState>) -> Json<Value> {
    Json(to_json(&app.project.read_clock()))
}

pub(super) async fn change(
    State(app): State<AppState>,
    JsonBody(request): JsonBody<ChangeClock>,
) -> ControlResult {
    let changed = match (request.advance, request.set, request.offset) {
        (Some(by), None, None) => {
            let by = parse_duration(&by)
                .map_err(|problem| BadRequest(format!("`advance`: {problem}")))?;
            app.project.advance_clock(by)
        }
        (None, Some(seconds), None) => app.project.set_clock(Duration::from_secs(seconds)),
        (None, None, Some(offset)) => {
            let offset = parse_signed_duration(&offset)
                .map_err(|problem| BadRequest(format!("`offset`: {problem}")))?;
            app.project.set_clock_offset(offset)
        }
        _ => Err(
            "set either `advance`, such as \"5m\", or `set`, in seconds since 1970, or `offset`, such as \"-12m\""
                .to_owned(),
        ),
    };
    let reading = changed.map_err(BadRequest)?;
    Ok(Json(to_json(&reading)))
}

fn to_json(reading: &ClockReading) -> Value {
    // In seconds. An f64 holds every offset that the clock can have.
    let ahead = reading.offset_ms as f64 / 1000.0;
    json!({"now": reading.now, "ahead": ahead})
}
