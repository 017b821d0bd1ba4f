//! Bodies and queries of control routes, which reject unknown keys, and the 400 response.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A JSON response, or what is wrong with the request.
pub(super) type ControlResult = Result<Json<Value>, BadRequest>;

/// The response to an invalid request: 400, and a message that says what to change.
#[derive(Debug)]
pub(super) struct BadRequest(pub(super) String);

impl IntoResponse for BadRequest {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

/// A JSON body. An empty body counts as `{}`. `Content-Type` is ignored.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = BadRequest;

    async fn from_request(request: Request, state: &S) -> Result<Self, BadRequest> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| BadRequest(rejection.body_text()))?;
        let text: &[u8] = match bytes.trim_ascii() {
            b"" => b"{}",
            text => text,
        };
        serde_json::from_slice(text)
            .map(JsonBody)
            .map_err(|error| BadRequest(format!("invalid request body: {error}")))
    }
}

/// The parameters of the query.
pub(super) struct QueryParams<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = BadRequest;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, BadRequest> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(query)| QueryParams(query))
            .map_err(|rejection: QueryRejection| BadRequest(rejection.body_text()))
    }
}
