//! The middleware that saves the project's changes before the response is sent.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::AppState;
use crate::api::error::ApiError;
use crate::error::Error;

/// Serves a request. If its changes cannot be saved, the response is an error.
pub(crate) async fn save_changes(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    match app.save().await {
        Ok(()) => response,
        Err(error) => ApiError::internal(error.to_string()).into_response(),
    }
}

impl AppState {
    /// Saves the project's changes, if there is a state file. Other requests do not wait for the disk.
    async fn save(self) -> Result<(), Error> {
        let Some(file) = self.state_file else {
            return Ok(());
        };
        let project = self.project;
        let saved = tokio::task::spawn_blocking(move || file.save(&project)).await;
        saved.unwrap_or_else(|failed| Err(Error::Io(std::io::Error::other(failed))))
    }
}
