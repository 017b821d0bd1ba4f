//! The public keys of a project as JSON Web Keys (RFC 7517).

use std::borrow::Cow;

use ring::digest::{Context, SHA256};

use super::algorithm::{Algorithm, VerifyingKey};
use crate::base64;
use crate::json::{RawArray, RawObject};

/// The public keys of a project. Never empty.
pub(crate) struct KeySet(Vec<Key>);

/// A public key. It decides on the algorithm of the tokens that it verifies.
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    /// A SHA-256 digest that no other key has.
    pub(super) fingerprint: [u8; 32],
    pub(super) verifying_key: VerifyingKey,
}

impl KeySet {
    /// Parses a JSON Web Key Set, `{"keys": [...]}`. Keys for another use and unsupported keys are
    /// ignored.
    ///
    /// # Errors
    ///
    /// What is wrong, as the predicate of a sentence.
    pub(crate) fn parse(json: &str) -> Result<KeySet, &'static str> {
        let not_a_set = "is not a JSON Web Key Set";
        let set = RawObject::parse(json).ok_or(not_a_set)?;
        let list = set.get("keys").ok_or(not_a_set)?.get();
        let list: RawArray<'_> = serde_json::from_str(list).map_err(|_| not_a_set)?;
        let keys = list.0.into_iter().filter_map(|key| Key::parse(key.get()));
        KeySet::new(keys.collect())
    }

    /// Parses a JSON Web Key or a JSON Web Key Set.
    ///
    /// # Errors
    ///
    /// As [`KeySet::parse`].
    pub(crate) fn parse_key_or_set(json: &str) -> Result<KeySet, &'static str> {
        if RawObject::parse(json).is_some_and(|set| set.get("keys").is_some()) {
            KeySet::parse(json)
        } else {
            KeySet::new(Key::parse(json).into_iter().collect())
        }
    }

    fn new(keys: Vec<Key>) -> Result<KeySet, &'static str> {
        if keys.is_empty() {
            return Err("contains no supported signing key");
        }
        Ok(KeySet(keys))
    }

    /// The key for a token with this `kid`. A key without an ID matches every token. A token without
    /// `kid` matches only a set of one key.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Key> {
        match id {
            Some(id) => {
                let same_id = self.0.iter().find(|key| key.id.as_deref() == Some(id));
                same_id.or_else(|| self.0.iter().find(|key| key.id.is_none()))
            }
            None if self.0.len() == 1 => self.0.first(),
            None => None,
        }
    }

    pub(crate) fn contains(&self, id: Option<&str>) -> bool {
        self.find(id).is_some()
    }
}

impl Key {
    /// `None` for a key that is invalid, unsupported or for another use.
    fn parse(json: &str) -> Option<Key> {
        let jwk = RawObject::parse(json)?;
        let string = |name| jwk.string(name);
        let bytes = |name| base64::decode_url(&string(name)?);
        if string("use").is_some_and(|used_for| !used_for.is_empty() && used_for != "sig") {
            return None;
        }
        let key_type = string("kty")?;
        let curve = string("crv").unwrap_or_default();
        let algorithm = match string("alg").filter(|name| !name.is_empty()) {
            Some(name) => Algorithm::from_name(&name)?,
            None => match (&*key_type, &*curve) {
                ("RSA", _) => Algorithm::Rs256,
                ("EC", "P-256") => Algorithm::Es256,
                ("EC", "P-384") => Algorithm::Es384,
                ("EC", "P-521") => Algorithm::Es512,
                ("OKP", "Ed25519") => Algorithm::EdDsa,
                _ => return None,
            },
        };
        let verifying_key = match (&*key_type, &*curve, algorithm) {
            ("RSA", ..) => VerifyingKey::rsa(algorithm, bytes("n")?, bytes("e")?),
            ("EC", "P-256", Algorithm::Es256)
            | ("EC", "P-384", Algorithm::Es384)
            | ("EC", "P-521", Algorithm::Es512) => {
                VerifyingKey::ec(algorithm, &bytes("x")?, &bytes("y")?)
            }
            ("OKP", "Ed25519", Algorithm::EdDsa) => VerifyingKey::ed25519(bytes("x")?),
            _ => None,
        };
        Some(Key {
            id: string("kid")
                .filter(|id| !id.is_empty())
                .map(Cow::into_owned),
            algorithm,
            fingerprint: fingerprint(&jwk),
            verifying_key: verifying_key?,
        })
    }
}

/// A digest of what makes the key another one.
fn fingerprint(jwk: &RawObject<'_>) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for name in ["kty", "crv", "alg", "n", "e", "x", "y"] {
        let value = jwk.string(name).unwrap_or_default();
        context.update(&value.len().to_le_bytes());
        context.update(value.as_bytes());
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}
