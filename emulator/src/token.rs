//! Session and refresh tokens: real JWTs, signed RS256 with a key of this emulator's own.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id;

/// The size of the signing key in bits.
const KEY_BITS: usize = 2048;

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

/// The project's signing key.
pub(crate) struct Signer {
    project_id: String,
    key_id: String,
    modulus: String,
    exponent: String,
    private: EncodingKey,
    public: DecodingKey,
}

/// A user's two tokens.
pub(crate) struct Pair {
    pub(crate) session: String,
    pub(crate) refresh: String,
}

impl Signer {
    /// Makes a key.
    pub(crate) fn new(project_id: &str) -> Result<Signer, Error> {
        let failed = |e: &dyn std::fmt::Display| Error::Keys(e.to_string());
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS)
            .map_err(|e| failed(&e))?;
        let der = key.to_pkcs1_der().map_err(|e| failed(&e))?;
        let modulus = BASE64_URL_SAFE_NO_PAD.encode(key.n().to_bytes_be());
        let exponent = BASE64_URL_SAFE_NO_PAD.encode(key.e().to_bytes_be());
        Ok(Signer {
            project_id: project_id.to_owned(),
            key_id: id::key(),
            public: DecodingKey::from_rsa_components(&modulus, &exponent)
                .map_err(|e| failed(&e))?,
            private: EncodingKey::from_rsa_der(der.as_bytes()),
            modulus,
            exponent,
        })
    }

    /// The public key as `/v2/keys/{projectId}` gives it.
    pub(crate) fn key_set(&self) -> Value {
        json!({"keys": [{
            "alg": "RS256",
            "e": self.exponent,
            "kid": self.key_id,
            "kty": "RSA",
            "n": self.modulus,
            "use": "sig",
        }]})
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
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.project_id]);
        rules.validate_aud = false;
        // By the emulator's clock, not by the system's.
        rules.validate_exp = false;
        let data = decode::<Map<String, Value>>(token, &self.public, &rules).ok()?;
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
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key_id.clone());
        encode(&header, claims, &self.private).map_err(|e| Error::Keys(e.to_string()))
    }
}
