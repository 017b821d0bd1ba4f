//! Parts of a call for the fuzz targets.

use super::engine::Engine;
use super::key_fetch::KeyFetch;
use super::projects::configured_keys;
use super::response::ApiResponse;
use super::send_with_retries::Received;
use crate::config::Settings;
use crate::error::Error;
use crate::json::Object;
use crate::net::CallContext;

impl Engine {
    /// Validates what only a client would notice in its settings.
    pub(crate) fn validate_settings(settings: &Settings) -> Result<(), Error> {
        configured_keys(settings).map(|_| ())
    }

    /// Validates the session in a response without fetching keys.
    pub(crate) async fn complete_session_offline(
        &self,
        request: &Object<'_>,
        response: ApiResponse,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        let entry = self.projects.project_for(request, &self.settings)?;
        let received = Received {
            response,
            attempts: 1,
        };
        self.complete_session(&entry, request, &received, KeyFetch::Forbidden, context)
            .await
    }
}
