//! Operations on this machine: token validation, permission and role checks.

use std::time::Instant;

use super::Client;
use super::key_fetch::KeyFetch;
use super::projects::ProjectEntry;
use super::verify_token::{TokenOrigin, validate_claims};
use crate::call::{match_claims, session_document};
use crate::error::Error;
use crate::json::Object;
use crate::jwt::TokenKind;
use crate::logging;
use crate::operations::{LocalOperation, Operation, OperationKind};

/// The result of a local operation.
pub(super) enum LocalResult {
    Done(String),
    /// The public keys have to be fetched first, which is forbidden.
    NeedsKeyFetch,
}

impl Client {
    /// Calls an operation by name if that needs no network. `None` if it does: then nothing has happened.
    /// For callers that must not block.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn try_call_local(&self, operation: &str, request: &str) -> Result<Option<String>, Error> {
        let operation = Operation::by_name(operation)?;
        let OperationKind::Local(local) = operation.kind else {
            return Ok(None);
        };
        let start = Instant::now();
        let result = operation.parse_request(request).and_then(|request| {
            operation.validate_request(&request)?;
            self.execute_local(local, &request, KeyFetch::Forbidden)
        });
        let result = match result {
            Ok(LocalResult::NeedsKeyFetch) => return Ok(None),
            Ok(LocalResult::Done(document)) => Ok(document),
            Err(error) => Err(error),
        };
        logging::log_result(operation.name, start.elapsed(), &result);
        result.map(Some)
    }

    pub(super) fn execute_local(
        &self,
        operation: LocalOperation,
        request: &Object<'_>,
        fetch: KeyFetch,
    ) -> Result<LocalResult, Error> {
        match operation {
            LocalOperation::ValidateSession => self.validate_session(request, fetch),
            LocalOperation::MatchPermissions => {
                match_claims("permissions", request).map(LocalResult::Done)
            }
            LocalOperation::MatchRoles => match_claims("roles", request).map(LocalResult::Done),
        }
    }

    fn validate_session(
        &self,
        request: &Object<'_>,
        fetch: KeyFetch,
    ) -> Result<LocalResult, Error> {
        let entry = self.projects.project_for(request, &self.settings)?;
        let token = request.string("sessionToken").unwrap_or_default();
        let rules = self.validation(&entry, request, TokenKind::Session);
        let verified = self.verify_signature(&entry, token, &rules, TokenOrigin::Caller, fetch)?;
        let Some(payload) = verified else {
            return Ok(LocalResult::NeedsKeyFetch);
        };
        let claims = validate_claims(&payload, &rules)?;
        let document = session_document(token, &claims, entry.project.id());
        Ok(LocalResult::Done(document))
    }

    /// Validates the refresh token of a request before it is sent.
    pub(super) fn validate_refresh_token(
        &self,
        entry: &ProjectEntry,
        request: &Object<'_>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let token = request.string("refreshToken").unwrap_or_default();
        let rules = self.validation(entry, request, TokenKind::Refresh);
        let fetch = KeyFetch::AllowedUntil(deadline);
        let payload = self.verify_signature(entry, token, &rules, TokenOrigin::Caller, fetch)?;
        let payload = payload.ok_or_else(|| Error::internal("fetching the public keys"))?;
        validate_claims(&payload, &rules).map(|_| ())
    }
}
