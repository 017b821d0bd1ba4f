//! The project's key set: the newest key signs, all keys are published and verify tokens.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::signing_key::{SavedKey, SigningKey};

/// The keys, newest first.
#[derive(Clone, Deserialize, Serialize)]
#[serde(try_from = "Vec<SavedKey>", into = "Vec<SavedKey>")]
pub(crate) struct KeySet(Vec<Arc<SigningKey>>);

impl KeySet {
    pub(super) fn new(key: SigningKey) -> KeySet {
        KeySet(vec![Arc::new(key)])
    }

    /// Adds a key that signs from now on. Tokens of older keys stay valid only if `keep_old`.
    pub(super) fn rotate(&mut self, key: SigningKey, keep_old: bool) {
        if !keep_old {
            self.0.clear();
        }
        self.0.insert(0, Arc::new(key));
    }

    /// The key that signs.
    pub(super) fn newest(&self) -> Option<&SigningKey> {
        self.0.first().map(Arc::as_ref)
    }

    /// The key with this ID.
    pub(super) fn by_id(&self, id: &str) -> Option<&SigningKey> {
        self.0.iter().map(Arc::as_ref).find(|key| key.id == id)
    }

    /// The newest public key, as `/v1/keys/{projectId}` returns it.
    pub(crate) fn newest_jwk(&self) -> Value {
        self.newest().map_or(Value::Null, |key| key.jwk.clone())
    }

    /// All public keys, as `/v2/keys/{projectId}` returns them.
    pub(crate) fn to_jwks(&self) -> Value {
        json!({"keys": self.0.iter().map(|key| &key.jwk).collect::<Vec<_>>()})
    }
}

impl From<KeySet> for Vec<SavedKey> {
    fn from(keys: KeySet) -> Vec<SavedKey> {
        keys.0.iter().map(|key| key.save()).collect()
    }
}

impl TryFrom<Vec<SavedKey>> for KeySet {
    type Error = String;

    fn try_from(saved: Vec<SavedKey>) -> Result<KeySet, String> {
        if saved.is_empty() {
            return Err("there is no key".to_owned());
        }
        let keys = saved
            .into_iter()
            .map(|key| SigningKey::load(key).map(Arc::new));
        Ok(KeySet(keys.collect::<Result<_, _>>()?))
    }
}
