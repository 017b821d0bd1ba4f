//! Parts of a call for the fuzz targets.

use super::Client;
use super::blocking::block_on;
use crate::call::{ApiResponse, Engine};
use crate::config::Config;
use crate::error::Error;
use crate::json::Object;

impl Client {
    /// Validates a configuration without the environment and without reading files.
    pub(crate) fn validate_config(config: Config<'_>) -> Result<(), Error> {
        Engine::validate_settings(&config.resolve_without_env()?)
    }

    /// Validates the session in a response without fetching keys.
    pub(crate) fn complete_session_offline(
        &self,
        request: &Object<'_>,
        response: ApiResponse,
    ) -> Result<String, Error> {
        block_on(None, async |context| {
            self.engine
                .complete_session_offline(request, response, context)
                .await
        })
    }
}
