//! The project's key set, from its file.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::Failure;

/// All keys of a project.
#[derive(Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// An RSA key, its numbers in base64url.
#[derive(Clone, Deserialize)]
pub struct Key {
    /// What tokens name it by.
    pub kid: String,
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

impl KeySet {
    /// Reads the file.
    pub fn read(path: &str) -> Result<KeySet, Failure> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// The keys.
    pub fn into_keys(self) -> Vec<Key> {
        self.keys
    }

    /// The key with this name.
    pub fn named(self, kid: &str) -> Result<Key, Failure> {
        let found = self.keys.into_iter().find(|key| key.kid == kid);
        found.ok_or_else(|| format!("no key {kid} in BENCH_KEYS").into())
    }
}

impl Key {
    /// The modulus and the exponent, big-endian.
    pub fn numbers(&self) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text);
        Ok((bytes(&self.n)?, bytes(&self.e)?))
    }
}
