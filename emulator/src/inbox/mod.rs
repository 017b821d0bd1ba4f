//! The inbox page at `/`, and the landing page that links lead to by default. Their files are compiled
//! into the program.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderName;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::routing::get;
use serde::Deserialize;

use crate::traffic::AppState;
use crate::traffic::control_access::{INBOX_PATH, LANDING_PATH};

/// Allows only the pages' own scripts, styles, images and connections. Nothing inline, no frames.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A response with a file.
type FileResponse = ([(HeaderName, &'static str); 5], String);

/// The routes of the pages and their files.
pub(crate) fn routes() -> Router<AppState> {
    let script = async || file("text/javascript; charset=utf-8", include_str!("script.js"));
    let style = async || file("text/css; charset=utf-8", include_str!("style.css"));
    let icon = async || file("image/svg+xml", include_str!("icon.svg"));
    Router::new()
        .route(INBOX_PATH, get(inbox))
        .route(LANDING_PATH, get(landing))
        .route("/_emulator/inbox.js", get(script))
        .route("/_emulator/inbox.css", get(style))
        .route("/_emulator/inbox.svg", get(icon))
}

async fn inbox(State(app): State<AppState>) -> FileResponse {
    let project = escape_html(app.project.id());
    html(&include_str!("inbox.html").replace("{project}", &project))
}

#[derive(Deserialize)]
struct LandingQuery {
    /// The token of the link.
    t: Option<String>,
}

/// The landing page, where an application would verify the token.
async fn landing(Query(query): Query<LandingQuery>) -> FileResponse {
    let token = escape_html(query.t.as_deref().unwrap_or_default());
    html(&include_str!("landing.html").replace("{token}", &token))
}

fn html(text: &str) -> FileResponse {
    file("text/html; charset=utf-8", text)
}

fn file(content_type: &'static str, text: &str) -> FileResponse {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // Another emulator may use the same address later.
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text.to_owned())
}

/// Escapes a text for HTML, attributes included.
fn escape_html(text: &str) -> String {
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
