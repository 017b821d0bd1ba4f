//! Parts of a call for the fuzz targets.

use super::Client;
use super::key_fetch::KeyFetch;
use super::projects::configured_keys;
use super::send_with_retries::Received;
use crate::call::ApiResponse;
use crate::config::Config;
use crate::error::Error;
use crate::json::Object;

impl Client {
    /// Validates a configuration without the environment and without reading files.
    pub(crate) fn validate_config(config: Config<'_>) -> Result<(), Error> {
        let settings = config.resolve_without_env()?;
        configured_keys(&settings).map(|_| ())
    }

    /// Validates the session in a response without fetching keys.
    pub(crate) fn complete_session_offline(
        &self,
        request: &Object<'_>,
        response: ApiResponse,
    ) -> Result<String, Error> {
        let entry = self.projects.project_for(request, &self.settings)?;
        let received = Received {
            response,
            attempts: 1,
        };
        self.complete_session(&entry, request, &received, KeyFetch::Forbidden)
    }
}
