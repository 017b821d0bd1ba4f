//! `POST /_emulator/keys/rotate`: the project signs with another key from now on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jsonwebtoken::Algorithm;
use serde::Deserialize;

use super::input::{Input, Problem};
use super::{Answer, Project};
use crate::key;
use crate::service::Service;

/// Which key is wanted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    /// Whether what the older keys signed still holds; it does when nothing is said, as after an orderly
    /// rotation.
    keep_old: Option<bool>,
    alg: Option<String>,
}

/// Makes a key and answers with the set that is published from now on.
pub(super) async fn rotate(State(service): Project, Input(wanted): Input<Wanted>) -> Answer {
    let name = wanted.alg.as_deref().unwrap_or("RS256");
    let algorithm = key::algorithm(name)
        .ok_or_else(|| Problem::new("`alg` must be RS256, RS384, RS512, ES256, ES384 or EdDSA"))?;
    change(&service, algorithm, wanted.keep_old.unwrap_or(true)).await?;
    Ok(Json(service.signer.key_set()))
}

/// Makes a key where it holds up nobody: an RSA key takes its time.
pub(super) async fn change(
    service: &Arc<Service>,
    algorithm: Algorithm,
    keep_old: bool,
) -> Result<(), Problem> {
    let service = Arc::clone(service);
    let made = tokio::task::spawn_blocking(move || service.signer.rotate(algorithm, keep_old));
    match made.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Problem::new(error.to_string())),
        Err(error) => Err(Problem::new(error.to_string())),
    }
}
