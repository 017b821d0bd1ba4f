//! Reads the project's key set from its file.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::PeerError;

/// The keys of a project.
#[derive(Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// An RSA public key, with its numbers in base64url.
#[derive(Clone, Deserialize)]
pub struct Key {
    /// The key ID in the header of tokens.
    pub kid: String,
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

impl KeySet {
    /// Reads the file.
    pub fn read(path: &str) -> Result<KeySet, PeerError> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// All keys.
    pub fn into_keys(self) -> Vec<Key> {
        self.keys
    }

    /// The key with this ID.
    pub fn find(self, kid: &str) -> Result<Key, PeerError> {
        let found = self.keys.into_iter().find(|key| key.kid == kid);
        found.ok_or_else(|| format!("no key {kid} in BENCH_KEYS").into())
    }
}

impl Key {
    /// The modulus and the exponent in big-endian order.
    pub fn numbers(&self) -> Result<(Vec<u8>, Vec<u8>), PeerError> {
        let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text);
        Ok((bytes(&self.n)?, bytes(&self.e)?))
    }
}
