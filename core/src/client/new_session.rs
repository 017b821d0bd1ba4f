//! Validates the session in a response.

use super::Client;
use super::key_fetch::KeyFetch;
use super::projects::ProjectEntry;
use super::send_with_retries::Received;
use super::verify_token::{TokenOrigin, validate_claims};
use crate::call::{SessionResponse, session_document, unusable_response};
use crate::error::Error;
use crate::json::Object;
use crate::jwt::{TokenKind, Validation};

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
        let verified_payload = |token: &str, rules: &Validation<'_>| {
            let payload =
                self.verify_signature(entry, token, rules, TokenOrigin::Service, fetch)?;
            payload.ok_or_else(|| Error::internal("fetching the public keys"))
        };
        let token = &response.session_token;
        let rules = self.validation(entry, request, TokenKind::Session);
        let payload = verified_payload(token, &rules)?;
        let claims = validate_claims(&payload, &rules)?;
        let session = session_document(token, &claims, entry.project.id());

        let rules = self.validation(entry, request, TokenKind::Refresh);
        let refresh_claims = |token: &str| {
            let payload = verified_payload(token, &rules)?;
            let claims = validate_claims(&payload, &rules)?;
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
}
