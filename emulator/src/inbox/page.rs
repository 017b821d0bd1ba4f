//! The page for people: files that are part of the program, and headers that let nothing else in.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderName;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::routing::get;
use serde::Deserialize;

use super::LANDING;
use crate::service::Service;

/// No script, style or connection but the page's own; nothing inline, and no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file as it is answered.
type File = ([(HeaderName, &'static str); 5], String);

/// The routes of the page and its files.
pub(super) fn routes() -> Router<Arc<Service>> {
    let script = async || file("text/javascript; charset=utf-8", include_str!("script.js"));
    let style = async || file("text/css; charset=utf-8", include_str!("style.css"));
    let icon = async || file("image/svg+xml", include_str!("icon.svg"));
    Router::new()
        .route("/", get(inbox))
        .route(LANDING, get(landing))
        .route("/_emulator/inbox.js", get(script))
        .route("/_emulator/inbox.css", get(style))
        .route("/_emulator/inbox.svg", get(icon))
}

async fn inbox(State(service): State<Arc<Service>>) -> File {
    let project = escape(&service.project_id);
    html(&include_str!("page.html").replace("{project}", &project))
}

#[derive(Deserialize)]
struct Landing {
    t: Option<String>,
}

/// Where a link leads by default: an application would verify the token here.
async fn landing(Query(query): Query<Landing>) -> File {
    let token = escape(query.t.as_deref().unwrap_or_default());
    html(&include_str!("landing.html").replace("{token}", &token))
}

fn html(text: &str) -> File {
    file("text/html; charset=utf-8", text)
}

fn file(kind: &'static str, text: &str) -> File {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // Another emulator may serve here the next time.
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text.to_owned())
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
