//! Operations on this machine: token validation, permission and role checks.

use std::time::{Instant, SystemTime};

use super::Client;
use super::key_fetch::KeyFetch;
use super::projects::ProjectEntry;
use crate::call::{match_claims, session_document};
use crate::error::Error;
use crate::json::Object;
use crate::jwt::{Claims, Jws, KeyLookup, TokenKind, Validation};
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
        let verified = self.verify_signature(&entry, token, TokenKind::Session, fetch)?;
        let Some(payload) = verified else {
            return Ok(LocalResult::NeedsKeyFetch);
        };
        let validation = self.validation(&entry, request, TokenKind::Session);
        let claims = validate_claims(&payload, &validation)?;
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
        let fetch = KeyFetch::AllowedUntil(deadline);
        let payload = self.verify_signature(entry, token, TokenKind::Refresh, fetch)?;
        let payload = payload.ok_or_else(|| Error::internal("fetching the public keys"))?;
        let validation = self.validation(entry, request, TokenKind::Refresh);
        validate_claims(&payload, &validation).map(|_| ())
    }

    /// Verifies the signature of a token from the caller and returns its payload. `None` if the keys have
    /// to be fetched, which is forbidden.
    fn verify_signature(
        &self,
        entry: &ProjectEntry,
        token: &str,
        kind: TokenKind,
        fetch: KeyFetch,
    ) -> Result<Option<Vec<u8>>, Error> {
        let headers = entry.keys.headers();
        let jws = Jws::parse(token, headers).map_err(|error| error.into_error(kind))?;
        let Some(keys) = self.keys(entry, KeyLookup::Token(jws.key_id()), fetch)? else {
            return Ok(None);
        };
        let payload = jws.verify(&keys, headers);
        payload.map(Some).map_err(|error| error.into_error(kind))
    }

    /// The rules for the tokens of a request.
    pub(super) fn validation<'a>(
        &self,
        entry: &'a ProjectEntry,
        request: &'a Object<'_>,
        token_kind: TokenKind,
    ) -> Validation<'a> {
        Validation {
            token_kind,
            project_id: entry.project.id().as_str(),
            audiences: request.string_array("audience"),
            leeway: self.settings.jwt_leeway,
        }
    }
}

/// Validates the claims of a token now.
pub(super) fn validate_claims<'a>(
    payload: &'a [u8],
    validation: &Validation<'_>,
) -> Result<Claims<'a>, Error> {
    let claims = Claims::validate(payload, validation, SystemTime::now());
    claims.map_err(|error| error.into_error(validation.token_kind))
}
