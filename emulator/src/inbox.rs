//! What was 'delivered': the API for tests under `/_emulator/`, and the page for people at `/`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::options;
use crate::service::Service;
use crate::store::Message;

/// The longest that a request may wait for a message.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// How many messages the page shows.
const SHOWN: usize = 200;

/// The path of the page that links lead to when nothing else is configured.
pub(crate) const LANDING: &str = "/_emulator/landing";

/// The routes of the inbox.
pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/", get(page))
        .route("/healthz", get(async || Json(json!({"ok": true}))))
        .route("/_emulator/messages", get(messages))
        .route(LANDING, get(landing))
}

#[derive(Deserialize)]
struct Wanted {
    to: Option<String>,
    wait: Option<String>,
}

/// The messages to an address, newest first; waits for the first one, if asked to.
async fn messages(
    State(service): State<Arc<Service>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Response> {
    let refuse = |problem: String| {
        (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response()
    };
    let Query(wanted) = wanted.map_err(|problem| refuse(problem.body_text()))?;
    let wait = wanted.wait.as_deref().map(options::duration);
    let wait = wait.transpose().map_err(refuse)?;
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

/// The inbox as a page.
async fn page(State(service): State<Arc<Service>>) -> Html<String> {
    let messages = service.store.lock().messages.newest(SHOWN);
    let list: String = messages.iter().map(item).collect();
    let list = match list.is_empty() {
        true => "<p>No message yet.</p>".to_owned(),
        false => format!("<ol reversed>{list}</ol>"),
    };
    Html(document(
        "Inbox",
        r#"<meta http-equiv="refresh" content="5">"#,
        &format!(
            "<h1>Inbox of project {}</h1>{list}",
            escape(&service.project_id)
        ),
    ))
}

fn item(message: &Message) -> String {
    let link = escape(&message.link);
    let web = ["http://", "https://"]
        .iter()
        .any(|scheme| message.link.to_lowercase().starts_with(scheme));
    // A link with another scheme could be a script, so it is shown but cannot be clicked.
    let shown = match web {
        true => format!(r#"<a href="{link}" rel="noreferrer">{link}</a>"#),
        false => format!("<code>{link}</code>"),
    };
    let text = escape(&message.text).replace(&link, &shown);
    format!(
        "<li><b>{}</b> <small>{} by {}</small><br>{text}</li>",
        escape(&message.to),
        crate::id::rfc3339(message.created_time),
        message.channel,
    )
}

#[derive(Deserialize)]
struct Landing {
    t: Option<String>,
}

/// Where a link leads by default: an application would verify the token here.
async fn landing(Query(query): Query<Landing>) -> Html<String> {
    let token = escape(query.t.as_deref().unwrap_or_default());
    let body = format!(
        "<h1>The link was followed</h1><p>Your application's page would now verify this token, \
         with <code>POST /v1/auth/magiclink/verify</code>:</p><pre id=\"token\">{token}</pre>"
    );
    Html(document("Link followed", "", &body))
}

fn document(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">{head}<title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;\
         overflow-wrap:anywhere}}li{{margin:1rem 0}}</style></head><body>{body}</body></html>"
    )
}

/// A text as HTML shows it, in an attribute as well.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
