//! `POST /_emulator/forge`: session tokens that are signed by a key that the project does not have.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::extract::{BadRequest, ControlResult, JsonBody};
use super::rotate_keys::{generate_key, parse_algorithm};
use crate::traffic::AppState;

/// The maximum number of tokens in one response.
const MAX_TOKENS: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Forge {
    /// How many tokens. The default is 1.
    count: Option<usize>,
    /// Whose tokens they claim to be. The default is a user who does not exist.
    login_id: Option<String>,
    /// The algorithm of the tokens. The default is the project's.
    alg: Option<String>,
}

/// Each token names a key ID of its own.
pub(super) async fn forge(
    State(app): State<AppState>,
    JsonBody(request): JsonBody<Forge>,
) -> ControlResult {
    let count = request.count.unwrap_or(1);
    if !(1..=MAX_TOKENS).contains(&count) {
        return Err(BadRequest(format!(
            "`count` must be a number from 1 to {MAX_TOKENS}"
        )));
    }
    let algorithm = parse_algorithm(request.alg.as_deref(), &app.project)?;
    let key = generate_key(algorithm).await?;
    // Signing takes a while, and other requests must not wait.
    let forged = tokio::task::spawn_blocking(move || {
        let login_id = request.login_id.as_deref();
        app.project.forge_session_tokens(&key, count, login_id)
    });
    match forged.await {
        Ok(Ok(tokens)) => Ok(Json(json!({"tokens": tokens}))),
        Ok(Err(problem)) => Err(BadRequest(problem)),
        Err(error) => Err(BadRequest(error.to_string())),
    }
}
