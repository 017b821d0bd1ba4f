//! Session and refresh tokens: real JWTs, signed with keys of this emulator's own.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id;
use crate::key::{Algorithm, Key};
use crate::store::{Session, User};

/// How long a session token lasts, in seconds.
pub(crate) const SESSION_TTL: u64 = 600;

/// How long a refresh token lasts, in seconds.
pub(crate) const REFRESH_TTL: u64 = 4 * 7 * 24 * 3600;

/// The claims that custom ones never replace.
const RESERVED: [&str; 17] = [
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

/// The project's keys, the newest first: that one signs, and all are published and believed.
pub(crate) struct Signer {
    issuer: String,
    /// What the keys of the project are made for, unless something else is asked for.
    pub(crate) algorithm: Algorithm,
    keys: RwLock<Vec<Arc<Key>>>,
}

/// A user's two tokens.
pub(crate) struct Pair {
    pub(crate) session: String,
    pub(crate) refresh: String,
}

impl Signer {
    /// Makes a key; tokens will say that they are this issuer's.
    pub(crate) fn new(issuer: String, algorithm: Algorithm) -> Result<Signer, Error> {
        Ok(Signer {
            issuer,
            algorithm,
            keys: RwLock::new(vec![Arc::new(Key::new(algorithm)?)]),
        })
    }

    /// Signs with a new key from now on. What older keys signed holds only if they are kept.
    pub(crate) fn rotate(&self, algorithm: Algorithm, keep_old: bool) -> Result<(), Error> {
        let key = Arc::new(Key::new(algorithm)?);
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if !keep_old {
            keys.clear();
        }
        keys.insert(0, key);
        Ok(())
    }

    /// The key that signs, as `/v1/keys/{projectId}` gives it.
    pub(crate) fn newest_key(&self) -> Value {
        let keys = self.keys();
        keys.first().map_or(Value::Null, |key| key.jwk.clone())
    }

    /// The public keys as `/v2/keys/{projectId}` gives them.
    pub(crate) fn key_set(&self) -> Value {
        let keys = self.keys();
        json!({"keys": keys.iter().map(|key| &key.jwk).collect::<Vec<_>>()})
    }

    fn keys(&self) -> Vec<Arc<Key>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    /// Signs the two tokens of a session, which the session of this user has from now on.
    pub(crate) fn sign(&self, session: &Session, user: &User, now: u64) -> Result<Pair, Error> {
        let mut claims = self.claims("DS", session, now, now + SESSION_TTL);
        let grants = |roles: &[String], permissions: &[String]| json!({"roles": roles, "permissions": permissions});
        if !user.role_names.is_empty() || !user.permissions.is_empty() {
            claims.insert("roles".into(), json!(user.role_names));
            claims.insert("permissions".into(), json!(user.permissions));
        }
        let tenants: Map<String, Value> = user
            .user_tenants
            .iter()
            .map(|tenant| {
                let grants = grants(&tenant.role_names, &tenant.permissions);
                (tenant.tenant_id.clone(), grants)
            })
            .collect();
        if !tenants.is_empty() {
            claims.insert("tenants".into(), Value::Object(tenants));
        }
        let fresh = session.custom_claims.iter();
        let fresh = fresh.filter(|(name, _)| !RESERVED.contains(&name.as_str()));
        claims.extend(fresh.map(|(name, value)| (name.clone(), value.clone())));
        let refresh = self.claims("DSR", session, now, session.expires);
        Ok(Pair {
            session: self.encode(&claims)?,
            refresh: self.encode(&refresh)?,
        })
    }

    /// The claims of a token of this project and kind (`DS` or `DSR`) that is valid at this time.
    pub(crate) fn read(&self, token: &str, kind: &str, now: u64) -> Option<Map<String, Value>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header = part(header)?;
        let text = |object: &Map<String, Value>, key: &str| {
            let text = object.get(key).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let id = text(&header, "kid");
        let key = self.keys().into_iter().find(|key| key.id == id)?;
        let is_signed =
            text(&header, "alg") == key.algorithm.name() && key.has_signed(message, signature);
        let claims = is_signed.then(|| part(payload)).flatten()?;
        let is_of_kind = text(&claims, "iss") == self.issuer && text(&claims, "drn") == kind;
        // By the emulator's clock, not by the system's.
        let expires = claims.get("exp").and_then(Value::as_u64)?;
        (is_of_kind && expires > now).then_some(claims)
    }

    fn claims(&self, kind: &str, session: &Session, now: u64, expires: u64) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("amr".into(), json!(session.factors));
        claims.insert("drn".into(), kind.into());
        claims.insert("exp".into(), expires.into());
        claims.insert("iat".into(), now.into());
        claims.insert("iss".into(), self.issuer.clone().into());
        claims.insert("jti".into(), session.id.clone().into());
        claims.insert("rexp".into(), id::rfc3339(session.expires).into());
        claims.insert("sub".into(), session.user_id.clone().into());
        if let Some(tenant) = &session.tenant {
            claims.insert("dct".into(), tenant.clone().into());
        }
        // Documentation: docs.descope.com/step-up.
        if session.stepup {
            claims.insert("su".into(), true.into());
        }
        claims
    }

    fn encode(&self, claims: &Map<String, Value>) -> Result<String, Error> {
        let keys = self.keys();
        let key = keys
            .first()
            .ok_or_else(|| Error::Keys("none is left".to_owned()))?;
        let header = json!({"alg": key.algorithm.name(), "kid": key.id, "typ": "JWT"});
        let encoded = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
        let claims = serde_json::to_string(claims).map_err(|e| Error::Keys(e.to_string()))?;
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims));
        let signature = key.sign(&message)?;
        Ok(format!("{message}.{signature}"))
    }
}

/// A part of a token: an object in JSON.
fn part(text: &str) -> Option<Map<String, Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}
