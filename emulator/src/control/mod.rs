//! The control routes under `/_emulator/`, for tests: users and settings, the clock, faults, what
//! came in, and back to the start. JSON in and out; what cannot be done is refused with 400 and `{"error": what to do}`.

mod fault;
mod faults;
mod input;
mod keys;
mod line;
mod random;
mod redact;
mod requests;
mod state;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock;
use crate::inbox;
use crate::options;
use crate::service::Service;
use crate::settings::Settings;
use crate::store::Users;
use fault::{Fault, Wanted};
use faults::Faults;
use input::Input;
pub(crate) use input::{Asked, Problem};
pub(crate) use line::{Line, PlainListener, Wire};
use random::Random;
use requests::Requests;
pub(crate) use watch::watch;

/// What the control routes keep beside the project itself.
pub(crate) struct Control {
    faults: Faults,
    requests: Requests,
    /// The users who exist from the start.
    seed: Users,
    /// The settings from the start.
    settings: Settings,
}

impl Control {
    pub(crate) fn new(seed: Users, settings: Settings, keep_requests: usize) -> Control {
        Control {
            faults: Faults::default(),
            requests: Requests::new(keep_requests),
            seed,
            settings,
        }
    }
}

/// The control routes and the inbox: all that is the emulator's own.
pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/_emulator/reset", post(reset))
        .route("/_emulator/state", get(state::show).put(state::put))
        .route("/_emulator/clock", get(show_clock).post(set_clock))
        .route("/_emulator/keys/rotate", post(keys::rotate))
        .route(
            "/_emulator/faults",
            get(show_faults).post(add_fault).delete(clear_faults),
        )
        .route(
            "/_emulator/faults/random",
            get(show_random).put(put_random).delete(clear_random),
        )
        .route(
            "/_emulator/requests",
            get(show_requests).delete(clear_requests),
        )
        .route("/_emulator", any(unknown))
        .route("/_emulator/", any(unknown))
        .route("/_emulator/{*unknown}", any(unknown))
        .merge(inbox::routes())
        .method_not_allowed_fallback(async || {
            let problem =
                "no such method: GET shows, POST adds or does, PUT replaces, DELETE clears";
            (
                StatusCode::METHOD_NOT_ALLOWED,
                Json(json!({"error": problem})),
            )
        })
}

type Answer = Result<Json<Value>, Problem>;
type Project = State<Arc<Service>>;

async fn unknown() -> (StatusCode, Json<Value>) {
    let problem = "no such control route: there are reset, state, clock, faults, faults/random, keys/rotate, requests and messages";
    (StatusCode::NOT_FOUND, Json(json!({"error": problem})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// Whether there is another key as well; the old one is forgotten.
    #[serde(default)]
    keys: bool,
}

/// Back to the start.
async fn reset(State(service): Project, Input(wanted): Input<Reset>) -> Answer {
    if wanted.keys {
        keys::change(&service, service.signer.algorithm, false).await?;
    }
    service.control.faults.clear();
    service.control.requests.clear();
    service.clock.reset();
    service.settings.set(service.control.settings.clone());
    service.store.reset(service.control.seed.clone());
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    advance: Option<String>,
    set: Option<u64>,
}

async fn show_clock(State(service): Project) -> Json<Value> {
    Json(time(&service))
}

async fn set_clock(State(service): Project, Input(wanted): Input<Time>) -> Answer {
    let done = match (wanted.advance, wanted.set) {
        (Some(by), None) => {
            let by = options::duration(&by)
                .map_err(|problem| Problem(format!("`advance`: {problem}")))?;
            service.clock.advance(by)
        }
        (None, Some(seconds)) => service.clock.set(Duration::from_secs(seconds)),
        _ => {
            return Err(Problem(
                "give either `advance`, such as \"5m\", or `set`, in seconds since 1970".to_owned(),
            ));
        }
    };
    match done {
        true => Ok(Json(time(&service))),
        false => Err(Problem(format!(
            "the clock goes to {} at most, the start of the year 2100",
            clock::LAST
        ))),
    }
}

/// The clock, and how many seconds it is ahead of the system's.
fn time(service: &Service) -> Value {
    // Thousands of seconds are whole to the eye, and f64 holds all that the clock can be.
    let ahead = service.clock.ahead() as f64 / 1000.0;
    json!({"now": service.clock.seconds(), "ahead": ahead})
}

async fn show_faults(State(service): Project) -> Json<Value> {
    Json(service.control.faults.to_json())
}

async fn add_fault(State(service): Project, Input(wanted): Input<Wanted>) -> Answer {
    service.control.faults.add(Fault::new(wanted)?)?;
    Ok(Json(service.control.faults.to_json()))
}

async fn clear_faults(State(service): Project) -> Json<Value> {
    service.control.faults.clear();
    Json(json!({}))
}

async fn show_random(State(service): Project) -> Json<Value> {
    Json(service.control.faults.random_to_json())
}

async fn put_random(State(service): Project, Input(wanted): Input<random::Asked>) -> Answer {
    service.control.faults.put(Random::new(wanted)?);
    Ok(Json(service.control.faults.random_to_json()))
}

async fn clear_random(State(service): Project) -> Json<Value> {
    service.control.faults.clear_random();
    Json(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Shown {
    login_ids: Option<String>,
}

async fn show_requests(State(service): Project, Asked(shown): Asked<Shown>) -> Answer {
    let with_login_ids = match shown.login_ids.as_deref() {
        None => false,
        Some("show") => true,
        Some(_) => return Err(Problem("`loginIds` must be `show` or left out".to_owned())),
    };
    Ok(Json(service.control.requests.to_json(with_login_ids)))
}

async fn clear_requests(State(service): Project) -> Json<Value> {
    service.control.requests.clear();
    Json(json!({}))
}
