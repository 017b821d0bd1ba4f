//! Session and refresh tokens: real JWTs, signed with keys of this emulator's own.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id;
use crate::key::Key;
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
    project_id: String,
    keys: RwLock<Vec<Arc<Key>>>,
}

/// A user's two tokens.
pub(crate) struct Pair {
    pub(crate) session: String,
    pub(crate) refresh: String,
}

impl Signer {
    /// Makes a key.
    pub(crate) fn new(project_id: &str) -> Result<Signer, Error> {
        Ok(Signer {
            project_id: project_id.to_owned(),
            keys: RwLock::new(vec![Arc::new(Key::new(Algorithm::RS256)?)]),
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
        let id = decode_header(token).ok()?.kid?;
        let key = self.keys().into_iter().find(|key| key.id == id)?;
        let mut rules = Validation::new(key.algorithm);
        rules.set_issuer(&[&self.project_id]);
        rules.validate_aud = false;
        // By the emulator's clock, not by the system's.
        rules.validate_exp = false;
        let data = decode::<Map<String, Value>>(token, &key.public, &rules).ok()?;
        let expires = data.claims.get("exp").and_then(Value::as_u64)?;
        let is_of_kind = data.claims.get("drn").and_then(Value::as_str) == Some(kind);
        (is_of_kind && expires > now).then_some(data.claims)
    }

    fn claims(&self, kind: &str, session: &Session, now: u64, expires: u64) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("amr".into(), json!(session.factors));
        claims.insert("drn".into(), kind.into());
        claims.insert("exp".into(), expires.into());
        claims.insert("iat".into(), now.into());
        claims.insert("iss".into(), self.project_id.clone().into());
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
        let mut header = Header::new(key.algorithm);
        header.kid = Some(key.id.clone());
        encode(&header, claims, &key.private).map_err(|e| Error::Keys(e.to_string()))
    }
}
