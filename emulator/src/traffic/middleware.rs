//! The middleware: around the API, it records each request and applies the fault that matches it. Around
//! all other routes, it reads the whole request. Around all routes, it adds the `Date` header.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::DATE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::AppState;
use super::date_header::DateHeader;
use super::fault::{Effect, Fault, When};
use super::request_pattern::{ReceivedRequest, is_api_path};
use crate::api::error::ApiError;
use crate::net::connection::Connection;

/// How much of a request body is read, in bytes. This is more than the API accepts: if the connection
/// ended while the client is still sending, the client would see a reset instead of the error response.
pub(crate) const MAX_READ_BODY: usize = 16 << 20;

/// Serves one request of the API.
pub(crate) async fn record_and_inject_fault(
    State(app): State<AppState>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if !is_api_path(request.uri().path()) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_READ_BODY).await;
    let whole_body = body.as_deref().ok();
    let received = ReceivedRequest {
        connection: &connection,
        head: &head,
        body: whole_body,
    };
    let fault = app.faults.take_for(&received);
    let spec = fault.as_ref().map(|fault| fault.spec.clone());
    let number = app.requests.record(&app.project, &received, spec);
    let handler = async {
        match body {
            Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
            Err(_) => ApiError::malformed("The body is too large or was cut short").into_response(),
        }
    };
    let effect = match fault {
        Some(fault) => apply_fault(&fault, handler).await,
        None => Effect::Respond(handler.await),
    };
    match effect {
        Effect::Respond(response) => {
            app.requests.set_status(number, response.status().as_u16());
            connection.count_response();
            response
        }
        Effect::Reset => {
            connection.reset();
            // A middleware must return a response. This one is not sent: writing it resets the
            // connection.
            StatusCode::OK.into_response()
        }
        // The server drops this future when the client closes the connection.
        Effect::Silence => std::future::pending().await,
    }
}

/// Reads the whole request before it is answered, also if its handler does not need the body. Otherwise the
/// connection could end while the client is still sending.
pub(crate) async fn read_whole_body(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match to_bytes(body, MAX_READ_BODY).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(_) => {
            let problem = "the body is too large or was cut short";
            (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response()
        }
    }
}

/// Runs a handler with a fault: delays it, skips it or changes its response.
async fn apply_fault(fault: &Fault, handler: impl Future<Output = Response>) -> Effect {
    if fault.when == When::Before {
        tokio::time::sleep(fault.delay).await;
    }
    let response = match fault.skips_handler() {
        true => None,
        false => Some(handler.await),
    };
    if fault.when == When::After {
        tokio::time::sleep(fault.delay).await;
    }
    fault.apply_to(response).await
}

/// Adds the `Date` header to a response, unless a fault has set it or leaves it out.
pub(crate) async fn add_date_header(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let date = response.extensions_mut().remove::<DateHeader>();
    let date = date.unwrap_or_default().value(app.project.read_clock().now);
    // A date contains only characters that are allowed in a header.
    if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
        response.headers_mut().entry(DATE).or_insert(date);
    }
    response
}
