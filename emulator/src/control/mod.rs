//! The control routes under `/_emulator/`, for tests: JSON in, JSON out. An invalid request gets 400 and
//! `{"error": "what to do"}`.

mod clock;
mod extract;
mod faults;
mod forge;
mod messages;
mod openapi;
mod requests;
mod reset;
mod rotate_keys;
mod scanner;
mod settings;
mod state;

use axum::http::StatusCode;
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::traffic::AppState;

/// The control routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(async || Json(json!({"ok": true}))))
        .route(
            "/_emulator/messages",
            get(messages::list).delete(messages::clear),
        )
        .route("/_emulator/messages/latest", get(messages::latest))
        .route("/_emulator/messages/events", get(messages::events))
        .route("/_emulator/openapi.json", get(openapi::document))
        .route("/_emulator/reset", post(reset::reset))
        .route("/_emulator/state", get(state::get).put(state::put))
        .route(
            "/_emulator/settings",
            get(settings::get)
                .put(settings::change)
                .patch(settings::change),
        )
        .route("/_emulator/clock", get(clock::get).post(clock::change))
        .route("/_emulator/keys/rotate", post(rotate_keys::rotate))
        .route("/_emulator/forge", post(forge::forge))
        .route(
            "/_emulator/faults",
            get(faults::list).post(faults::add).delete(faults::clear),
        )
        .route(
            "/_emulator/faults/random",
            get(faults::list_random)
                .put(faults::set_random)
                .delete(faults::clear_random),
        )
        .route(
            "/_emulator/requests",
            get(requests::list).delete(requests::clear),
        )
        .route(
            "/_emulator/scanner",
            get(scanner::get)
                .put(scanner::put)
                .delete(scanner::turn_off),
        )
        .route("/_emulator", any(unknown_route))
        .route("/_emulator/", any(unknown_route))
        .route("/_emulator/{*unknown}", any(unknown_route))
}

/// The response to a method that a path does not have.
pub(crate) async fn method_not_allowed() -> (StatusCode, Json<Value>) {
    let problem = "method not allowed: GET reads, POST adds or acts, PUT replaces, PATCH changes, DELETE clears";
    (
        StatusCode::METHOD_NOT_ALLOWED,
        Json(json!({"error": problem})),
    )
}

async fn unknown_route() -> (StatusCode, Json<Value>) {
    let problem = "unknown control route: use reset, state, settings, clock, faults, faults/random, keys/rotate, forge, requests, scanner, messages, messages/latest, messages/events or openapi.json";
    (StatusCode::NOT_FOUND, Json(json!({"error": problem})))
}
