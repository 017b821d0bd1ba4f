//! The layer around the API: notes each request, and lets it meet a fault that waits for it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::fault::{Fault, is_api};
use super::line::Line;
use crate::READ_BODY;
use crate::api::Refusal;
use crate::service::Service;

/// Serves one request of the API.
pub(crate) async fn watch(
    State(service): State<Arc<Service>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    if !is_api(request.uri().path()) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, READ_BODY).await;
    let now = service.clock.seconds();
    let whole = body.as_deref().ok();
    let fault = service
        .control
        .faults
        .meet(head.uri.path(), whole.unwrap_or_default());
    let met = fault.as_ref().map(|fault| json!(fault.wanted));
    let number = service
        .control
        .requests
        .note(&service, &head, whole, met, now);
    let resets = fault.as_ref().is_some_and(|fault| fault.wanted.reset);
    let run = async {
        match body {
            Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
            Err(_) => Refusal::malformed("The body is too large or was cut short").into_response(),
        }
    };
    let answer = match fault {
        Some(fault) => meet(&fault, &line, run).await,
        None => run.await,
    };
    let status = (!resets).then(|| answer.status().as_u16());
    service.control.requests.answered(number, status);
    answer
}

/// Lets a request meet a fault.
async fn meet(fault: &Fault, line: &Line, run: impl Future<Output = Response>) -> Response {
    let late = fault.wanted.after;
    if !late {
        tokio::time::sleep(fault.delay).await;
    }
    let answer = match fault.prevents() {
        true => None,
        false => Some(run.await),
    };
    if late {
        tokio::time::sleep(fault.delay).await;
    }
    if fault.wanted.reset {
        line.tear();
        // Nobody sees it: the attempt to write it is what ends the connection.
        return StatusCode::OK.into_response();
    }
    fault.spoil(answer).await
}
