//! Validates the session in a response.

use super::Client;
use super::key_fetch::KeyFetch;
use super::local_operations::validate_claims;
use super::projects::ProjectEntry;
use super::send_with_retries::Received;
use crate::call::{SessionResponse, session_document, unusable_response};
use crate::error::Error;
use crate::json::Object;
use crate::jwt::{Jws, KeyLookup, TokenKind};

impl Client {
    /// The document of a response with a session. The tokens in it are validated.
    pub(super) fn complete_session(
        &self,
        entry: &ProjectEntry,
        request: &Object<'_>,
        received: &Received,
        fetch: KeyFetch,
    ) -> Result<String, Error> {
        self.validated_session(entry, request, received, fetch)
            .map_err(|error| unusable_response(error, &received.response, received.attempts))
    }

    fn validated_session(
        &self,
        entry: &ProjectEntry,
        request: &Object<'_>,
        received: &Received,
        fetch: KeyFetch,
    ) -> Result<String, Error> {
        let response = SessionResponse::parse(&received.response)?;
        let token = &response.session_token;
        let payload = self.verify_new_token(entry, token, TokenKind::Session, fetch)?;
        let validation = self.validation(entry, request, TokenKind::Session);
        let claims = validate_claims(&payload, &validation)?;
        let session = session_document(token, &claims, entry.project.id());

        let refresh_claims = |token: &str| {
            let payload = self.verify_new_token(entry, token, TokenKind::Refresh, fetch)?;
            let validation = self.validation(entry, request, TokenKind::Refresh);
            let claims = validate_claims(&payload, &validation)?;
            Ok::<_, Error>(claims.json.to_owned())
        };
        let new_token = response.refresh_token.clone();
        let old_token = request.non_empty_string("refreshToken");
        let refresh = match (&new_token, old_token) {
            (Some(new), _) => Some((new.as_str(), refresh_claims(new)?)),
            // Without a new refresh token the old one stays valid. It came from the caller: if it is
            // invalid, that must not cost the session.
            (None, Some(old)) => refresh_claims(old).ok().map(|claims| (old, claims)),
            (None, None) => None,
        };
        response.into_document(session, refresh)
    }

    /// Verifies the signature of a token that the service has just issued, and returns its payload.
    fn verify_new_token(
        &self,
        entry: &ProjectEntry,
        token: &str,
        kind: TokenKind,
        fetch: KeyFetch,
    ) -> Result<Vec<u8>, Error> {
        let headers = entry.keys.headers();
        let jws = Jws::parse(token, headers).map_err(|error| error.into_error(kind))?;
        let keys = self.keys(entry, KeyLookup::NewToken(jws.key_id()), fetch)?;
        let keys = keys.ok_or_else(|| Error::internal("fetching the public keys"))?;
        let payload = jws.verify(&keys, headers);
        payload.map_err(|error| error.into_error(kind))
    }
}
