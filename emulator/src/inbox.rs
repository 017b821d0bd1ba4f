//! What was 'delivered': the API for tests under `/_emulator/messages`, and the page for people at `/`.

mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{Asked, Problem};
use crate::options;
use crate::service::Service;

/// The longest that a request may wait for a message.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// How many messages the page shows.
const SHOWN: usize = 200;

/// How soon the page asks again when the emulator was gone.
const RETRY: Duration = Duration::from_millis(500);

/// The path of the page that links lead to when nothing else is configured.
pub(crate) const LANDING: &str = "/_emulator/landing";

/// The routes of the inbox.
pub(crate) fn routes() -> Router<Arc<Service>> {
    page::routes()
        .route("/healthz", get(async || Json(json!({"ok": true}))))
        .route("/_emulator/messages", get(messages))
        .route("/_emulator/messages/events", get(events))
}

#[derive(Deserialize)]
struct Wanted {
    to: Option<String>,
    wait: Option<String>,
}

/// The messages to an address, newest first; waits for the first one, if asked to.
async fn messages(
    State(service): State<Arc<Service>>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Value>, Problem> {
    let wait = wanted.wait.as_deref().map(options::duration);
    let wait = wait.transpose().map_err(Problem)?;
    let wait = wait.unwrap_or_default().min(MAX_WAIT);
    let mut deliveries = service.store.deliveries();
    let found = || service.store.lock().messages.to(wanted.to.as_deref());
    let first = async {
        loop {
            let messages = found();
            if !messages.is_empty() || deliveries.changed().await.is_err() {
                return messages;
            }
        }
    };
    let messages = tokio::time::timeout(wait, first)
        .await
        .unwrap_or_else(|_| found());
    Ok(Json(json!({"messages": messages})))
}

/// The newest messages as server-sent events: at once, and then whenever they change.
async fn events(
    State(service): State<Arc<Service>>,
) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    let deliveries = service.store.deliveries();
    let next = async |(service, mut deliveries, first): (Arc<Service>, _, bool)| {
        let bell: &mut tokio::sync::watch::Receiver<u64> = &mut deliveries;
        if !first {
            bell.changed().await.ok()?;
        }
        let messages = service.store.lock().messages.newest(SHOWN);
        let event = Event::default().event("messages").retry(RETRY);
        let event = event.json_data(json!({"messages": messages}));
        Some((event, (service, deliveries, false)))
    };
    Sse::new(stream::unfold((service, deliveries, true), next)).keep_alive(KeepAlive::default())
}
