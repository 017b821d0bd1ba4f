//! Session and refresh tokens: real JWTs, signed with the project's keys.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::clock::rfc3339;
use super::key_set::KeySet;
use super::sessions::Session;
use super::user::{TenantMembership, User};
use crate::error::Error;

/// The claim of a refresh token that counts how many earlier ones it has replaced. It is not documented how the
/// service tells them apart.
pub(super) const ROTATIONS_CLAIM: &str = "rotations";

/// Claims that custom claims cannot replace.
const RESERVED_CLAIMS: [&str; 17] = [
    "amr",
    "aud",
    "cnf",
    "dct",
    "drn",
    "dsub",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "permissions",
    "rexp",
    "roles",
    "su",
    "sub",
    "tenants",
];

/// The kinds of tokens.
#[derive(Clone, Copy)]
pub(super) enum TokenKind {
    Session,
    Refresh,
}

impl TokenKind {
    /// The `drn` claim of a token of this kind.
    fn drn(self) -> &'static str {
        match self {
            TokenKind::Session => "DS",
            TokenKind::Refresh => "DSR",
        }
    }
}

/// The two tokens of a session.
pub(crate) struct TokenPair {
    pub(crate) session: String,
    pub(crate) refresh: String,
    /// The claims of the session token.
    pub(crate) session_claims: Map<String, Value>,
}

/// The times of new tokens, in seconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct TokenTimes {
    pub(super) now: u64,
    /// When the session token expires.
    pub(super) session_expires: u64,
}

/// The roles, permissions and tenants in a session token.
pub(super) struct Grants<'a> {
    pub(super) roles: &'a [String],
    pub(super) permissions: &'a [String],
    pub(super) tenants: &'a [TenantMembership],
}

/// Issues and verifies the tokens of one issuer with a set of keys.
pub(super) struct JwtIssuer<'a> {
    pub(super) issuer: &'a str,
    pub(super) keys: &'a KeySet,
}

impl JwtIssuer<'_> {
    /// Signs the two tokens of a user's session.
    pub(super) fn issue(
        &self,
        session: &Session,
        user: &User,
        times: TokenTimes,
    ) -> Result<TokenPair, Error> {
        let grants = Grants {
            roles: &user.role_names,
            permissions: &user.permissions,
            tenants: &user.user_tenants,
        };
        let mut refresh = self.claims(TokenKind::Refresh, session, times.now, session.expires);
        if session.rotations > 0 {
            refresh.insert(ROTATIONS_CLAIM.into(), session.rotations.into());
        }
        let session_claims = self.session_claims(session, &grants, times);
        Ok(TokenPair {
            session: self.encode(&session_claims)?,
            refresh: self.encode(&refresh)?,
            session_claims,
        })
    }

    /// Signs the session token of a session.
    pub(super) fn session_token(
        &self,
        session: &Session,
        grants: &Grants<'_>,
        times: TokenTimes,
    ) -> Result<String, Error> {
        self.encode(&self.session_claims(session, grants, times))
    }

    /// The claims of the session token of a session.
    fn session_claims(
        &self,
        session: &Session,
        grants: &Grants<'_>,
        times: TokenTimes,
    ) -> Map<String, Value> {
        let TokenTimes {
            now,
            session_expires,
        } = times;
        let mut claims = self.claims(TokenKind::Session, session, now, session_expires);
        if !grants.roles.is_empty() || !grants.permissions.is_empty() {
            claims.insert("roles".into(), json!(grants.roles));
            claims.insert("permissions".into(), json!(grants.permissions));
        }
        let tenants: Map<String, Value> = grants
            .tenants
            .iter()
            .map(|tenant| {
                let grants = json!({"roles": tenant.role_names, "permissions": tenant.permissions});
                (tenant.tenant_id.clone(), grants)
            })
            .collect();
        if !tenants.is_empty() {
            claims.insert("tenants".into(), Value::Object(tenants));
        }
        let custom = session.custom_claims.iter();
        let custom = custom.filter(|(name, _)| !RESERVED_CLAIMS.contains(&name.as_str()));
        claims.extend(custom.map(|(name, value)| (name.clone(), value.clone())));
        claims
    }

    /// Returns the claims of a token of this kind, if the token is valid at this time.
    pub(super) fn decode_and_verify(
        &self,
        token: &str,
        kind: TokenKind,
        now: u64,
    ) -> Option<Map<String, Value>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header = decode_part(header)?;
        let text = |object: &Map<String, Value>, key: &str| {
            let text = object.get(key).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let key = self.keys.by_id(&text(&header, "kid"))?;
        let is_signed =
            text(&header, "alg") == key.algorithm.name() && key.verify(message, signature);
        let claims = is_signed.then(|| decode_part(payload)).flatten()?;
        let is_of_kind = text(&claims, "iss") == self.issuer && text(&claims, "drn") == kind.drn();
        let expires = claims.get("exp").and_then(Value::as_u64)?;
        (is_of_kind && expires > now).then_some(claims)
    }

    fn claims(
        &self,
        kind: TokenKind,
        session: &Session,
        now: u64,
        expires: u64,
    ) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("amr".into(), json!(session.factors));
        claims.insert("drn".into(), kind.drn().into());
        claims.insert("exp".into(), expires.into());
        claims.insert("iat".into(), now.into());
        claims.insert("iss".into(), self.issuer.into());
        claims.insert("jti".into(), session.id.clone().into());
        claims.insert("rexp".into(), rfc3339(session.expires).into());
        claims.insert("sub".into(), session.user_id.clone().into());
        if let Some(tenant) = &session.tenant {
            claims.insert("dct".into(), tenant.clone().into());
        }
        // Documentation: docs.descope.com/step-up.
        if session.is_stepped_up(now) {
            claims.insert("su".into(), true.into());
        }
        claims
    }

    fn encode(&self, claims: &Map<String, Value>) -> Result<String, Error> {
        let key = self
            .keys
            .newest()
            .ok_or_else(|| Error::Keys("the project has no key".to_owned()))?;
        let header = json!({"alg": key.algorithm.name(), "kid": key.id, "typ": "JWT"});
        let encoded = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
        let claims = serde_json::to_string(claims).map_err(|e| Error::Keys(e.to_string()))?;
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims));
        let signature = key.sign(&message)?;
        Ok(format!("{message}.{signature}"))
    }
}

/// Decodes a part of a token, which is a JSON object in base64url.
fn decode_part(text: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}
