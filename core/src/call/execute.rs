//! Executes an operation, from the request document to the response document.

use std::time::Instant;

use super::engine::Engine;
use super::key_fetch::KeyFetch;
use crate::error::Error;
use crate::json::Object;
use crate::jwt::KeyLookup;
use crate::logging;
use crate::net::CallContext;
use crate::operations::{Credential, Endpoint, ExpectedResponse, Operation, OperationKind};

impl Engine {
    /// Calls an operation. The request is a JSON document.
    pub(crate) async fn call(
        &self,
        operation: &Operation,
        request: &str,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        match operation.parse_request(request) {
            Ok(request) => self.execute(operation, &request, context).await,
            Err(error) => {
                let result = context.result(Err(error));
                logging::log_result(
                    context.log(&self.logger),
                    operation.name,
                    || context.elapsed(),
                    &result,
                );
                result
            }
        }
    }

    /// Executes an operation and logs the result.
    pub(crate) async fn execute(
        &self,
        operation: &Operation,
        request: &Object<'_>,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        let result = self.execute_unlogged(operation, request, context).await;
        let result = context.result(result);
        logging::log_result(
            context.log(&self.logger),
            operation.name,
            || context.elapsed(),
            &result,
        );
        result
    }

    async fn execute_unlogged(
        &self,
        operation: &Operation,
        request: &Object<'_>,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        operation.validate_request(request)?;
        let timeout = request.duration("timeoutMs");
        let deadline = context.start() + timeout.unwrap_or(self.settings.timeout);
        match &operation.kind {
            OperationKind::Remote(endpoint) => {
                self.execute_remote(operation, endpoint, request, deadline, context)
                    .await
            }
            OperationKind::Local(local) => {
                context.checked().await;
                let fetch = KeyFetch::AllowedUntil(deadline);
                let document = self.execute_local(*local, request, fetch, context).await?;
                document.ok_or_else(|| Error::internal("fetching the public keys"))
            }
        }
    }

    async fn execute_remote(
        &self,
        operation: &Operation,
        endpoint: &Endpoint,
        request: &Object<'_>,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        let entry = self.projects.project_for(request, &self.settings)?;
        let http_request = entry
            .project
            .request(operation, endpoint, request, &self.settings)?;
        context.checked().await;
        let fetch = KeyFetch::AllowedUntil(deadline);
        if endpoint.credential == Credential::ValidatedRefreshToken {
            self.validate_refresh_token(&entry, request, fetch, context)
                .await?;
        }
        let is_session = endpoint.expected == ExpectedResponse::Session;
        if is_session {
            // The keys come first: what the request sends works only once, and without keys the
            // response cannot be validated.
            self.keys(&entry, KeyLookup::AnyToken, fetch, context)
                .await?;
        }
        let received = if endpoint.is_shared {
            self.send_shared(&http_request, endpoint, deadline, context)
                .await?
        } else {
            self.send(
                &http_request,
                endpoint.expected,
                endpoint.repeat,
                deadline,
                context,
            )
            .await?
        };
        let response = &received.response;
        context.response_received(response.status, response.request_id.as_deref());
        if is_session {
            return self
                .complete_session(&entry, request, &received, fetch, context)
                .await;
        }
        Ok(received.response.json)
    }
}
