//! `POST /_emulator/keys/rotate`: the project signs with another key from now on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::input::{Input, Problem};
use super::{Answer, Project};
use crate::key::Algorithm;
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
    let algorithm = match wanted.alg.as_deref() {
        Some(name) => {
            Algorithm::named(name).map_err(|problem| Problem::new(format!("`alg` {problem}")))?
        }
        None => service.signer.algorithm,
    };
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
