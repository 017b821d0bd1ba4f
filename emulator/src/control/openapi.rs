//! `GET /_emulator/openapi.json`: the OpenAPI document of the API and of the control routes.

use axum::http::header::{CONTENT_TYPE, HeaderName};

/// A test compares it with the routes, the requests that they accept, and their responses.
const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn document() -> ([(HeaderName, &'static str); 1], String) {
    let document = DOCUMENT.replace("{version}", env!("CARGO_PKG_VERSION"));
    ([(CONTENT_TYPE, "application/json")], document)
}
