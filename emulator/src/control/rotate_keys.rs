//! `POST /_emulator/keys/rotate`: the project signs with a new key from now on.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::extract::{BadRequest, ControlResult, JsonBody};
use crate::domain::project::Project;
use crate::domain::signing_key::{Algorithm, SigningKey};
use crate::traffic::AppState;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RotateKeys {
    /// Whether tokens of the older keys stay valid. The default is `true`, as after a regular rotation.
    keep_old: Option<bool>,
    /// The algorithm of the new key. The default is the project's.
    alg: Option<String>,
}

/// Responds with the key set that is published from now on.
pub(super) async fn rotate(
    State(app): State<AppState>,
    JsonBody(request): JsonBody<RotateKeys>,
) -> ControlResult {
    let algorithm = parse_algorithm(request.alg.as_deref(), &app.project)?;
    let key = generate_key(algorithm).await?;
    app.project
        .rotate_keys(key, request.keep_old.unwrap_or(true));
    Ok(Json(app.project.keys().to_jwks()))
}

/// The algorithm with this name. The default is the project's.
pub(super) fn parse_algorithm(
    name: Option<&str>,
    project: &Project,
) -> Result<Algorithm, BadRequest> {
    match name {
        Some(name) => {
            Algorithm::from_name(name).map_err(|problem| BadRequest(format!("`alg` {problem}")))
        }
        None => Ok(project.algorithm()),
    }
}

/// Generates a key on a thread of its own: an RSA key takes a while, and other requests must not wait.
pub(super) async fn generate_key(algorithm: Algorithm) -> Result<SigningKey, BadRequest> {
    let generated = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm));
    match generated.await {
        Ok(Ok(key)) => Ok(key),
        Ok(Err(error)) => Err(BadRequest(error.to_string())),
        Err(error) => Err(BadRequest(error.to_string())),
    }
}
