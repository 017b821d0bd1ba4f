//! `GET` and `PUT /_emulator/state`: the users and the settings as JSON that can be put back.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{Input, Problem};
use super::{Answer, Project};
use crate::service::Service;
use crate::settings::Change;
use crate::store::{User, Users};

/// What is put: a part that is left out stays as it is, and users that are given replace all others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    users: Option<Vec<User>>,
    settings: Option<Change>,
}

/// The users and settings as they are.
pub(super) async fn show(State(service): Project) -> Json<Value> {
    Json(state(&service))
}

/// Puts users and settings in place: all of what is given, or nothing when a part cannot be.
pub(super) async fn put(State(service): Project, Input(wanted): Input<Wanted>) -> Answer {
    let users = wanted
        .users
        .map(|users| Users::new(users, service.clock.seconds()));
    let users = users.transpose().map_err(Problem)?;
    let settings = wanted
        .settings
        .map(|change| service.settings.get().with(change));
    let settings = settings.transpose().map_err(Problem)?;
    if let Some(users) = users {
        service.store.lock().users = users;
    }
    if let Some(settings) = settings {
        service.settings.set(settings);
    }
    Ok(Json(state(&service)))
}

fn state(service: &Service) -> Value {
    json!({
        "users": service.store.lock().users.list(),
        "settings": service.settings.get(),
    })
}
