//! The typed responses of the Rust API.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::json;
use crate::operations::{MASKED_EMAIL, MASKED_PHONE};
use crate::status::Outcome;

/// The service has sent a magic link. `Debug` shows no value.
#[derive(Clone)]
pub struct LinkSent {
    masked_address: String,
    json: String,
}

impl LinkSent {
    pub(crate) fn new(json: String) -> LinkSent {
        let [phone, email] = json::string_members(&json, [MASKED_PHONE, MASKED_EMAIL]);
        LinkSent {
            masked_address: phone.or(email).unwrap_or_default(),
            json,
        }
    }

    /// The phone number or email address of the recipient, masked except for a few characters.
    #[must_use]
    pub fn masked_address(&self) -> &str {
        &self.masked_address
    }

    /// The whole response of the service, a JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for LinkSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSent").finish_non_exhaustive()
    }
}

/// A new session. Its tokens are valid. `Debug` shows no value.
#[derive(Clone)]
pub struct SignedIn(String);

impl SignedIn {
    pub(crate) fn new(json: String) -> SignedIn {
        SignedIn(json)
    }

    /// The response of the service, with `session` and `refreshClaims` added: a JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] if a claim has an unexpected type. The outcome is [`Outcome::NotSent`], since this
    /// method sends no request; the call that returned this value has succeeded.
    pub fn session(&self) -> Result<Session, Error> {
        let json =
            json::get(&self.0, "/session").map_err(|_| Error::internal("reading a response"))?;
        Session::parse(&json)
    }

    /// The refresh JWT, if there is one.
    #[must_use]
    pub fn refresh_jwt(&self) -> Option<String> {
        let [jwt] = json::string_members(&self.0, ["refreshJwt"]);
        jwt.filter(|jwt| !jwt.is_empty())
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

/// A session with a valid token. `Debug` shows neither the token nor the claims.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    jwt: String,
    claims: Box<RawValue>,
    user_id: String,
    project_id: String,
    permissions: Vec<String>,
    roles: Vec<String>,
    tenants: Box<RawValue>,
}

impl Session {
    /// Parsing sends nothing: neither a validation on this machine nor reading a response that has
    /// arrived.
    pub(crate) fn parse(json: &str) -> Result<Session, Error> {
        serde_json::from_str(json).map_err(|_| {
            Error::protocol(
                "`permissions` and `roles` in the token must be arrays of strings",
                Outcome::NotSent,
            )
        })
    }

    /// The session JWT.
    #[must_use]
    pub fn jwt(&self) -> &str {
        &self.jwt
    }

    /// The claims of the JWT, a JSON object.
    #[must_use]
    pub fn claims(&self) -> &str {
        self.claims.get()
    }

    /// The ID of the user: `dsub`, or `sub` without it.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The project that issued the session.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The permissions at project level, outside of tenants.
    #[must_use]
    pub fn permissions(&self) -> &[String] {
        &self.permissions
    }

    /// The roles at project level, outside of tenants.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The tenants of the user, each with its permissions and roles: a JSON object.
    #[must_use]
    pub fn tenants(&self) -> &str {
        self.tenants.get()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}

/// The result of a permission or role check.
#[derive(Clone, Debug, Deserialize)]
pub struct MatchResult {
    /// True if all names were found.
    pub all: bool,
    /// The names that were found, in the order of the request.
    pub matched: Vec<String>,
}

impl MatchResult {
    pub(crate) fn parse(json: &str) -> Result<MatchResult, Error> {
        serde_json::from_str(json).map_err(|_| Error::internal("comparing claims"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unexpected_claim_is_reported_without_a_note_about_a_request() {
        let session = r#"{"jwt": "a.b.c", "claims": {}, "userId": "U1", "projectId": "P1",
            "permissions": [1], "roles": [], "tenants": {}}"#;
        let error = Session::parse(session).err().unwrap();
        assert_eq!(
            error.to_string(),
            "`permissions` and `roles` in the token must be arrays of strings"
        );
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
}
