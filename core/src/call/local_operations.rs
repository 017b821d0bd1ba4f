//! Operations on this machine: token validation, permission and role checks.

use super::engine::Engine;
use super::key_fetch::KeyFetch;
use super::match_claims::match_claims;
use super::projects::ProjectEntry;
use super::session_document::session_document;
use super::verify_token::TokenOrigin;
use crate::error::Error;
use crate::json::Object;
use crate::jwt::TokenKind;
use crate::logging;
use crate::net::CallContext;
use crate::operations::{LocalOperation, Operation, OperationKind};

impl Engine {
    /// Calls an operation if that needs no network. `None` if it does: then nothing has happened.
    pub(crate) async fn call_locally(
        &self,
        operation: &Operation,
        request: &str,
        context: CallContext<'_>,
    ) -> Result<Option<String>, Error> {
        let OperationKind::Local(local) = operation.kind else {
            return Ok(None);
        };
        let result = async {
            let request = operation.parse_request(request)?;
            operation.validate_request(&request)?;
            self.execute_local(local, &request, KeyFetch::Forbidden, context)
                .await
        };
        let result = match result.await {
            Ok(None) => return Ok(None),
            Ok(Some(document)) => Ok(document),
            Err(error) => context.result(Err(error)),
        };
        logging::log_result(self.log(), operation.name, || context.elapsed(), &result);
        result.map(Some)
    }

    /// The document of a local operation. `None` if the public keys have to be fetched first, which is
    /// forbidden.
    pub(super) async fn execute_local(
        &self,
        operation: LocalOperation,
        request: &Object<'_>,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<Option<String>, Error> {
        match operation {
            LocalOperation::ValidateSession => self.validate_session(request, fetch, context).await,
            LocalOperation::MatchPermissions => match_claims("permissions", request).map(Some),
            LocalOperation::MatchRoles => match_claims("roles", request).map(Some),
        }
    }

    async fn validate_session(
        &self,
        request: &Object<'_>,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<Option<String>, Error> {
        let entry = self.projects.project_for(request, &self.settings)?;
        let token = request.string("sessionToken").unwrap_or_default();
        let rules = self.validation(&entry, request, TokenKind::Session);
        let payload = self
            .verify_signature(&entry, token, &rules, TokenOrigin::Caller, fetch, context)
            .await?;
        let Some(payload) = payload else {
            return Ok(None);
        };
        let claims = payload.validate(&rules, &[context.validation_time()])?;
        Ok(Some(session_document(token, &claims, entry.project.id())?))
    }

    /// Validates the refresh token of a request before it is sent.
    pub(super) async fn validate_refresh_token(
        &self,
        entry: &ProjectEntry,
        request: &Object<'_>,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<(), Error> {
        let token = request.string("refreshToken").unwrap_or_default();
        let rules = self.validation(entry, request, TokenKind::Refresh);
        let payload = self
            .verify_signature(entry, token, &rules, TokenOrigin::Caller, fetch, context)
            .await?;
        let payload = payload.ok_or_else(|| Error::internal("fetching the public keys"))?;
        payload
            .validate(&rules, &[context.validation_time()])
            .map(|_| ())
    }
}
