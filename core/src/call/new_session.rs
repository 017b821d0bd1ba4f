//! Validates the session in a response.

use std::time::SystemTime;

use super::engine::Engine;
use super::key_fetch::KeyFetch;
use super::projects::ProjectEntry;
use super::send_with_retries::Received;
use super::session_document::session_document;
use super::session_response::{SessionResponse, unusable_response};
use super::verify_token::{SignedPayload, TokenOrigin};
use crate::error::Error;
use crate::json::Object;
use crate::jwt::{TokenKind, Validation};
use crate::memory;
use crate::net::CallContext;

impl Engine {
    /// The document of a response with a session. The tokens in it are validated.
    pub(super) async fn complete_session(
        &self,
        entry: &ProjectEntry,
        request: &Object<'_>,
        received: &Received,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        self.validated_session(entry, request, received, fetch, context)
            .await
            .map_err(|error| unusable_response(error, &received.response, received.attempts))
    }

    async fn validated_session(
        &self,
        entry: &ProjectEntry,
        request: &Object<'_>,
        received: &Received,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<String, Error> {
        let response = SessionResponse::parse(&received.response)?;
        let clocks = clocks(received, context);
        let clocks = clocks.as_slice().as_flattened();
        let token = &response.session_token;
        let rules = self.validation(entry, request, TokenKind::Session);
        let payload = self.new_token(entry, token, &rules, fetch, context).await?;
        let claims = payload.validate(&rules, clocks)?;
        let session = session_document(token, &claims, entry.project.id())?;
        // A date by which the new token would be invalid is wrong.
        let date = received.response.date;
        let date = date.filter(|date| payload.validate(&rules, &[*date]).is_ok());

        let rules = self.validation(entry, request, TokenKind::Refresh);
        let new_token = response.refresh_token.clone();
        let old_token = request.non_empty_string("refreshToken");
        let refresh = match (&new_token, old_token) {
            (Some(token), _) => {
                let payload = self.new_token(entry, token, &rules, fetch, context).await?;
                let claims = payload.validate(&rules, clocks)?;
                Some((token.as_str(), memory::copy(claims.json)?))
            }
            // Without a new refresh token the old one stays valid. It came from the caller: if it is
            // invalid, that must not cost the session.
            (None, Some(token)) => {
                let payload = self.new_token(entry, token, &rules, fetch, context).await;
                let claims = payload.as_ref().ok().and_then(|payload| {
                    let claims = payload.validate(&rules, &[context.validation_time()]);
                    claims.ok().map(|claims| memory::copy(claims.json))
                });
                claims.transpose()?.map(|claims| (token, claims))
            }
            (None, None) => None,
        };
        response.into_document(session, refresh, date)
    }

    /// Verifies the signature of a token in a response.
    async fn new_token(
        &self,
        entry: &ProjectEntry,
        token: &str,
        rules: &Validation<'_>,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<SignedPayload, Error> {
        let origin = TokenOrigin::Service;
        let payload = self
            .verify_signature(entry, token, rules, origin, fetch, context)
            .await?;
        payload.ok_or_else(|| Error::internal("fetching the public keys"))
    }
}

/// The clocks that judge what the service has just sent: that of the service, by the `Date` of the response.
/// Without it, none. If a proxy has sent a wrong `Date`, the clock of this machine can still accept a token:
/// a session that the service has opened must not be lost because of one wrong clock.
fn clocks(received: &Received, context: CallContext<'_>) -> Option<[SystemTime; 2]> {
    received
        .response
        .date
        .map(|date| [date, context.validation_time()])
}
