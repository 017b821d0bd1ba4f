//! Verifies a token: the signature with the keys of the project, then the claims.

use std::time::SystemTime;

use super::Client;
use super::key_fetch::KeyFetch;
use super::projects::ProjectEntry;
use crate::error::Error;
use crate::json::Object;
use crate::jwt::{Claims, Jws, KeyLookup, TokenKind, Validation};

/// Who has passed a token to the library.
#[derive(Clone, Copy)]
pub(super) enum TokenOrigin {
    Caller,
    /// The service has just issued it.
    Service,
}

impl Client {
    /// Verifies the signature of a token and returns its payload. `None` if the keys have to be fetched,
    /// which is forbidden.
    pub(super) fn verify_signature(
        &self,
        entry: &ProjectEntry,
        token: &str,
        rules: &Validation<'_>,
        origin: TokenOrigin,
        fetch: KeyFetch,
    ) -> Result<Option<Vec<u8>>, Error> {
        let headers = entry.keys.headers();
        let jws = Jws::parse(token, headers).map_err(|error| error.into_error(rules.token_kind))?;
        let lookup = match origin {
            TokenOrigin::Caller => KeyLookup::Token(jws.key_id()),
            TokenOrigin::Service => KeyLookup::NewToken(jws.key_id()),
        };
        let Some(keys) = self.keys(entry, lookup, fetch)? else {
            return Ok(None);
        };
        let payload = jws.verify(&keys, headers);
        payload
            .map(Some)
            .map_err(|error| error.into_error(rules.token_kind))
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
