//! Verifies a token: the signature with the keys of the project, then the claims.

use std::time::SystemTime;

use super::engine::Engine;
use super::key_fetch::KeyFetch;
use super::projects::ProjectEntry;
use crate::error::Error;
use crate::json::Object;
use crate::jwt::{Claims, Jws, KeyLookup, TokenKind, Validation};
use crate::net::CallContext;

/// Who has passed a token to the library.
#[derive(Clone, Copy)]
pub(super) enum TokenOrigin {
    Caller,
    /// The service has just issued it.
    Service,
}

/// The payload of a token whose signature is valid. Its claims are still to be validated.
pub(super) struct SignedPayload(Vec<u8>);

impl SignedPayload {
    /// Validates the claims, as [`Claims::validate`].
    pub(super) fn validate(
        &self,
        rules: &Validation<'_>,
        clocks: &[SystemTime],
    ) -> Result<Claims<'_>, Error> {
        let claims = Claims::validate(&self.0, rules, clocks);
        claims.map_err(|error| error.into_error(rules.token_kind))
    }
}

impl Engine {
    /// Verifies the signature of a token and returns its payload. `None` if the keys have to be fetched,
    /// which is forbidden.
    pub(super) async fn verify_signature(
        &self,
        entry: &ProjectEntry,
        token: &str,
        rules: &Validation<'_>,
        origin: TokenOrigin,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<Option<SignedPayload>, Error> {
        let headers = entry.keys.headers();
        let jws = Jws::parse(token, headers).map_err(|error| error.into_error(rules.token_kind))?;
        let lookup = match origin {
            TokenOrigin::Caller => KeyLookup::Token(jws.key_id()),
            TokenOrigin::Service => KeyLookup::NewToken(jws.key_id()),
        };
        let Some(keys) = self.keys(entry, lookup, fetch, context).await? else {
            return Ok(None);
        };
        let payload = jws.verify(&keys, headers, entry.keys.verified_tokens());
        payload
            .map(|payload| Some(SignedPayload(payload)))
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
            clock_difference: self.service_clock.difference(),
        }
    }
}
