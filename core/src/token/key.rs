//! A project's public keys, as JSON Web Keys (RFC 7517).

use std::borrow::Cow;

use super::algorithm::{Algorithm, Verifying};
use crate::decoding;
use crate::document::Members;

/// The keys that tokens of a project may be signed with.
pub(crate) struct KeySet(Vec<Key>);

/// One of them. Its algorithm is its own: a token cannot choose another.
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) verifying: Verifying,
}

impl KeySet {
    /// Reads `{"keys": [...]}`. Keys for another purpose, or of a kind that is unknown here, are
    /// passed over.
    ///
    /// # Errors
    ///
    /// What the set is instead of one, as the end of a sentence about it.
    pub(crate) fn read(json: &str) -> Result<KeySet, &'static str> {
        let broken = "is not a JSON Web Key Set";
        let set = Members::parse(json).ok_or(broken)?;
        let list = set.get("keys").ok_or(broken)?.get();
        let list: Vec<&serde_json::value::RawValue> =
            serde_json::from_str(list).map_err(|_| broken)?;
        let keys = list.into_iter().filter_map(|key| Key::read(key.get()));
        KeySet::of(keys.collect())
    }

    /// Reads one key, or a set of them, as a configuration holds it.
    ///
    /// # Errors
    ///
    /// As [`KeySet::read`].
    pub(crate) fn read_pinned(json: &str) -> Result<KeySet, &'static str> {
        match Members::parse(json).is_some_and(|set| set.get("keys").is_some()) {
            true => KeySet::read(json),
            false => KeySet::of(Key::read(json).into_iter().collect()),
        }
    }

    fn of(keys: Vec<Key>) -> Result<KeySet, &'static str> {
        match keys.is_empty() {
            true => Err("holds no key that tokens could be checked with"),
            false => Ok(KeySet(keys)),
        }
    }

    /// The key that a token names. One without a name serves any token, and so does the only key a
    /// token without one.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Key> {
        match id {
            Some(id) => {
                let named = self.0.iter().find(|key| key.id.as_deref() == Some(id));
                named.or_else(|| self.0.iter().find(|key| key.id.is_none()))
            }
            None if self.0.len() == 1 => self.0.first(),
            None => None,
        }
    }

    pub(crate) fn has(&self, id: Option<&str>) -> bool {
        self.find(id).is_some()
    }
}

impl Key {
    fn read(json: &str) -> Option<Key> {
        let members = Members::parse(json)?;
        let text = |name| members.text(name);
        let bytes = |name| decoding::url_safe(&text(name)?);
        if text("use").is_some_and(|used_for| !used_for.is_empty() && used_for != "sig") {
            return None;
        }
        let kind = text("kty")?;
        let curve = text("crv").unwrap_or_default();
        let algorithm = match text("alg").filter(|name| !name.is_empty()) {
            Some(name) => Algorithm::named(&name)?,
            None => match (&*kind, &*curve) {
                ("RSA", _) => Algorithm::Rs256,
                ("EC", "P-256") => Algorithm::Es256,
                ("EC", "P-384") => Algorithm::Es384,
                ("EC", "P-521") => Algorithm::Es512,
                ("OKP", "Ed25519") => Algorithm::EdDsa,
                _ => return None,
            },
        };
        let verifying = match (&*kind, &*curve, algorithm) {
            ("RSA", ..) => Verifying::rsa(algorithm, bytes("n")?, bytes("e")?),
            ("EC", "P-256", Algorithm::Es256)
            | ("EC", "P-384", Algorithm::Es384)
            | ("EC", "P-521", Algorithm::Es512) => {
                Verifying::ec(algorithm, &bytes("x")?, &bytes("y")?)
            }
            ("OKP", "Ed25519", Algorithm::EdDsa) => Verifying::ed25519(bytes("x")?),
            _ => None,
        };
        Some(Key {
            id: text("kid").filter(|id| !id.is_empty()).map(Cow::into_owned),
            algorithm,
            verifying: verifying?,
        })
    }
}
