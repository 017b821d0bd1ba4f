//! Session and refresh tokens: real JWTs, signed with keys of this emulator's own.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id;
use crate::key::Key;

/// How long a session token lasts, in seconds.
pub(crate) const SESSION_TTL: u64 = 600;

/// How long a refresh token lasts, in seconds.
pub(crate) const REFRESH_TTL: u64 = 4 * 7 * 24 * 3600;

/// The claims that custom ones never replace.
const RESERVED: [&str; 15] = [
    "amr",
    "aud",
    "cnf",
    "dct",
    "drn",
    "dsub",
    "exp",
    "iat",
    "iss",
    "nbf",
    "permissions",
    "rexp",
    "roles",
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

    /// The public keys as `/v2/keys/{projectId}` gives them.
    pub(crate) fn key_set(&self) -> Value {
        let keys = self.keys();
        json!({"keys": keys.iter().map(|key| &key.jwk).collect::<Vec<_>>()})
    }

    fn keys(&self) -> Vec<Arc<Key>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    /// Signs a session and a refresh token for a user; `custom` claims join the session.
    pub(crate) fn sign(
        &self,
        user_id: &str,
        custom: &Map<String, Value>,
        factors: &[&str],
        now: u64,
    ) -> Result<Pair, Error> {
        let mut session = self.claims("DS", user_id, factors, now, SESSION_TTL);
        let fresh = custom
            .iter()
            .filter(|(name, _)| !RESERVED.contains(&name.as_str()));
        session.extend(fresh.map(|(name, value)| (name.clone(), value.clone())));
        let refresh = self.claims("DSR", user_id, factors, now, REFRESH_TTL);
        Ok(Pair {
            session: self.encode(&session)?,
            refresh: self.encode(&refresh)?,
        })
    }

    /// The user of a refresh token of this project that is valid at this time.
    pub(crate) fn user_of_refresh(&self, token: &str, now: u64) -> Option<String> {
        let id = decode_header(token).ok()?.kid?;
        let key = self.keys().into_iter().find(|key| key.id == id)?;
        let mut rules = Validation::new(key.algorithm);
        rules.set_issuer(&[&self.project_id]);
        rules.validate_aud = false;
        // By the emulator's clock, not by the system's.
        rules.validate_exp = false;
        let data = decode::<Map<String, Value>>(token, &key.public, &rules).ok()?;
        let text = |name: &str| data.claims.get(name).and_then(Value::as_str);
        let expires = data.claims.get("exp").and_then(Value::as_u64)?;
        (text("drn") == Some("DSR") && expires > now).then_some(())?;
        text("sub").map(str::to_owned)
    }

    fn claims(
        &self,
        kind: &str,
        user_id: &str,
        factors: &[&str],
        now: u64,
        ttl: u64,
    ) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("amr".into(), json!(factors));
        claims.insert("drn".into(), kind.into());
        claims.insert("exp".into(), (now + ttl).into());
        claims.insert("iat".into(), now.into());
        claims.insert("iss".into(), self.project_id.clone().into());
        claims.insert("rexp".into(), id::rfc3339(now + REFRESH_TTL).into());
        claims.insert("sub".into(), user_id.into());
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
