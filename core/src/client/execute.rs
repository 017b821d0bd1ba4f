//! Executes an operation, from the request document to the response document.

use std::time::Instant;

use super::Client;
use super::key_fetch::KeyFetch;
use super::local_operations::LocalResult;
use crate::error::Error;
use crate::json::Object;
use crate::jwt::KeyLookup;
use crate::logging;
use crate::operations::{Credential, Endpoint, ExpectedResponse, Operation, OperationKind};

impl Client {
    /// Calls an operation by name, such as `magiclink/signin/sms`. The request is a JSON document, the
    /// result is the response of the service, a JSON object.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn call(&self, operation: &str, request: &str) -> Result<String, Error> {
        let operation = Operation::by_name(operation)?;
        match operation.parse_request(request) {
            Ok(request) => self.execute(operation, &request),
            Err(error) => {
                let result = Err(error);
                logging::log_result(operation.name, Instant::now().elapsed(), &result);
                result
            }
        }
    }

    /// Executes an operation and logs the result.
    pub(super) fn execute(
        &self,
        operation: &Operation,
        request: &Object<'_>,
    ) -> Result<String, Error> {
        let start = Instant::now();
        let result = self.execute_unlogged(operation, request, start);
        logging::log_result(operation.name, start.elapsed(), &result);
        result
    }

    fn execute_unlogged(
        &self,
        operation: &Operation,
        request: &Object<'_>,
        start: Instant,
    ) -> Result<String, Error> {
        operation.validate_request(request)?;
        let timeout = request.duration("timeoutMs");
        let deadline = start + timeout.unwrap_or(self.settings.timeout);
        match &operation.kind {
            OperationKind::Remote(endpoint) => {
                self.execute_remote(operation, endpoint, request, deadline)
            }
            OperationKind::Local(local) => {
                match self.execute_local(*local, request, KeyFetch::AllowedUntil(deadline))? {
                    LocalResult::Done(document) => Ok(document),
                    LocalResult::NeedsKeyFetch => Err(Error::internal("fetching the public keys")),
                }
            }
        }
    }

    fn execute_remote(
        &self,
        operation: &Operation,
        endpoint: &Endpoint,
        request: &Object<'_>,
        deadline: Instant,
    ) -> Result<String, Error> {
        let entry = self.projects.project_for(request, &self.settings)?;
        let http_request = entry
            .project
            .request(operation, endpoint, request, &self.settings)?;
        if endpoint.credential == Credential::ValidatedRefreshToken {
            self.validate_refresh_token(&entry, request, deadline)?;
        }
        if endpoint.expected != ExpectedResponse::Session {
            let received =
                self.send(&http_request, endpoint.expected, endpoint.repeat, deadline)?;
            return Ok(received.response.json);
        }
        // The keys come first: what the request sends works only once, and without keys the response
        // cannot be validated.
        self.keys(
            &entry,
            KeyLookup::AnyToken,
            KeyFetch::AllowedUntil(deadline),
        )?;
        let received = self.send(&http_request, endpoint.expected, endpoint.repeat, deadline)?;
        self.complete_session(&entry, request, &received, KeyFetch::AllowedUntil(deadline))
    }
}
