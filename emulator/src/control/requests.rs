//! `/_emulator/requests`: the log of requests to the API.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{BadRequest, ControlResult, QueryParams};
use crate::traffic::{AppState, PathPattern};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RequestsQuery {
    /// An exact path, or a prefix with `*` at the end.
    path: Option<String>,
    /// `show` to include personal data.
    login_ids: Option<String>,
}

pub(super) async fn list(
    State(app): State<AppState>,
    QueryParams(query): QueryParams<RequestsQuery>,
) -> ControlResult {
    let with_login_ids = match query.login_ids.as_deref() {
        None => false,
        Some("show") => true,
        Some(_) => {
            return Err(BadRequest(
                "`loginIds` must be `show`, or be left out".to_owned(),
            ));
        }
    };
    let paths = query.path.as_deref().map(PathPattern::parse);
    let paths = paths.transpose().map_err(BadRequest)?;
    Ok(Json(app.requests.to_json(paths.as_ref(), with_login_ids)))
}

pub(super) async fn clear(State(app): State<AppState>) -> Json<Value> {
    app.requests.clear();
    Json(json!({}))
}
