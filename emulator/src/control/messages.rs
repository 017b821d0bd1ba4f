//! `/_emulator/messages`: the delivered messages, as JSON for tests and as events for the inbox page.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;

use super::extract::{BadRequest, ControlResult, QueryParams};
use crate::domain::duration::parse_duration;
use crate::domain::messages::Message;
use crate::domain::project::Project;
use crate::traffic::AppState;

/// The longest time that a request can wait.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// How many messages an event contains.
const MAX_EVENT_MESSAGES: usize = 200;

/// How long the page waits before it reconnects.
const RECONNECT_DELAY: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessagesQuery {
    /// The address; without it, the messages to all addresses.
    to: Option<String>,
    /// How long to wait for the first message.
    wait: Option<String>,
}

/// Lists messages, newest first. If there are none, waits for the first one up to `wait`.
pub(super) async fn list(
    State(app): State<AppState>,
    QueryParams(query): QueryParams<MessagesQuery>,
) -> ControlResult {
    let found = wait_for_messages(&app.project, &query).await?;
    Ok(Json(json!({"messages": found})))
}

/// Returns the newest message, which it waits for like [`list`]. If there is none, the response is 404.
pub(super) async fn latest(
    State(app): State<AppState>,
    QueryParams(query): QueryParams<MessagesQuery>,
) -> Result<Response, BadRequest> {
    let found = wait_for_messages(&app.project, &query).await?;
    Ok(match found.into_iter().next() {
        Some(message) => Json(message).into_response(),
        None => {
            let problem = "there is no such message: check `to`, or wait for it with `wait=5s`";
            (StatusCode::NOT_FOUND, Json(json!({"error": problem}))).into_response()
        }
    })
}

/// Removes the messages to an address, or all messages. Their links stay valid.
pub(super) async fn clear(
    State(app): State<AppState>,
    QueryParams(query): QueryParams<MessagesQuery>,
) -> ControlResult {
    app.project.clear_messages(query.to.as_deref());
    Ok(Json(json!({})))
}

/// The messages that a query asks for, newest first.
async fn wait_for_messages(
    project: &Project,
    query: &MessagesQuery,
) -> Result<Vec<Message>, BadRequest> {
    let wait = parse_wait(query.wait.as_deref())?;
    let mut changes = project.subscribe_to_inbox();
    let messages = || project.messages_to(query.to.as_deref());
    let first = async {
        loop {
            let found = messages();
            if !found.is_empty() || changes.changed().await.is_err() {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(wait, first).await;
    Ok(found.unwrap_or_else(|_| messages()))
}

/// How long a request waits: not at all by default, and never longer than [`MAX_WAIT`].
pub(super) fn parse_wait(wait: Option<&str>) -> Result<Duration, BadRequest> {
    let wait = wait.map(parse_duration).transpose().map_err(BadRequest)?;
    Ok(wait.unwrap_or_default().min(MAX_WAIT))
}

/// Sends the newest messages as server-sent events: immediately, and then after each change.
pub(super) async fn events(
    State(app): State<AppState>,
) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    let changes = app.project.subscribe_to_inbox();
    Sse::new(stream::unfold((app.project, changes, true), next_event))
        .keep_alive(KeepAlive::default())
}

/// The project, its changes, and whether the next event is the first one.
type EventState = (Arc<Project>, watch::Receiver<u64>, bool);

async fn next_event(
    (project, mut changes, is_first): EventState,
) -> Option<(Result<Event, axum::Error>, EventState)> {
    if !is_first {
        changes.changed().await.ok()?;
    }
    let messages = project.newest_messages(MAX_EVENT_MESSAGES);
    let event = Event::default().event("messages").retry(RECONNECT_DELAY);
    let event = event.json_data(json!({"messages": messages}));
    Some((event, (project, changes, false)))
}
