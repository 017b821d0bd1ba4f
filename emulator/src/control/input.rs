//! What the control routes are given: JSON whose keys are all known, and refusals that say what to do.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// A control request that cannot be done, and why.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) String);

impl Problem {
    pub(super) fn new(text: impl Into<String>) -> Problem {
        Problem(text.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

/// A JSON body; nothing at all counts as `{}`. `Content-Type` is not asked for.
pub(super) struct Input<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|problem| Problem::new(problem.body_text()))?;
        let text: &[u8] = match bytes.trim_ascii() {
            b"" => b"{}",
            text => text,
        };
        serde_json::from_slice(text)
            .map(Input)
            .map_err(|problem| Problem::new(format!("the body is not what this takes: {problem}")))
    }
}

/// The query, all of whose keys are known.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(query)| Asked(query))
            .map_err(|problem: QueryRejection| Problem::new(problem.body_text()))
    }
}
