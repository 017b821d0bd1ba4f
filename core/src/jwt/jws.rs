//! Signed tokens in compact form: `header.payload.signature` (RFC 7515, 7.1).

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::algorithm::Algorithm;
use super::jwk::{Key, KeySet};
use super::token_error::TokenError;
use super::verified_tokens::VerifiedTokens;
use crate::base64;
use crate::error::Reason;
use crate::json::RawObject;
use crate::memory;

/// A token that has been parsed and not verified.
pub(crate) struct Jws<'a> {
    token: &'a str,
    header: Arc<JoseHeader>,
    /// Header and payload, which the signature covers (RFC 7515, 2).
    signing_input: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

/// The last header whose signature was valid. All tokens that a key signs have the same header, so it
/// is rarely parsed.
#[derive(Default)]
pub(crate) struct HeaderCache(ArcSwapOption<JoseHeader>);

/// The header of a token (RFC 7515, 4).
struct JoseHeader {
    /// The header in base64url.
    encoded: String,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl HeaderCache {
    fn parse(&self, encoded: &str) -> Result<Arc<JoseHeader>, TokenError> {
        match &*self.0.load() {
            Some(cached) if cached.encoded == encoded => Ok(Arc::clone(cached)),
            _ => JoseHeader::parse(encoded).map(Arc::new),
        }
    }

    fn insert(&self, header: &Arc<JoseHeader>) {
        let is_same = |cached: &Arc<JoseHeader>| Arc::ptr_eq(cached, header);
        // What the reserve has given must not stay.
        if !memory::is_short() && !self.0.load().as_ref().is_some_and(is_same) {
            self.0.store(Some(Arc::clone(header)));
        }
    }
}

impl JoseHeader {
    fn parse(encoded: &str) -> Result<JoseHeader, TokenError> {
        let json = base64::decode_url(encoded).ok_or_else(not_a_jwt)?;
        let json = String::from_utf8(json).map_err(|_| not_a_jwt())?;
        let header = RawObject::parse(&json).ok_or_else(not_a_jwt)?;
        if header.get("crit").is_some() {
            return Err(TokenError::malformed(
                "uses an unsupported JWT extension (`crit`)",
            ));
        }
        // Checked before a key is looked up, so that an unsigned token never causes a key fetch.
        let algorithm = header.string("alg").ok_or_else(not_a_jwt)?;
        let Some(algorithm) = Algorithm::from_name(&algorithm) else {
            return Err(TokenError::new(
                Reason::WrongAlgorithm,
                "uses an unsupported signature algorithm (`alg`): pass a token of this project",
            ));
        };
        Ok(JoseHeader {
            encoded: encoded.to_owned(),
            algorithm,
            key_id: header.string("kid").map(Cow::into_owned),
        })
    }
}

impl<'a> Jws<'a> {
    pub(crate) fn parse(token: &'a str, headers: &HeaderCache) -> Result<Jws<'a>, TokenError> {
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(not_a_jwt)?;
        let (header, payload) = signing_input.split_once('.').ok_or_else(not_a_jwt)?;
        if payload.contains('.') {
            return Err(not_a_jwt());
        }
        Ok(Jws {
            token,
            header: headers.parse(header)?,
            signing_input,
            payload,
            signature: base64::decode_url(signature).ok_or_else(not_a_jwt)?,
        })
    }

    /// The ID of the key that the token names (`kid`).
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_deref()
    }

    /// Verifies the signature, unless that was done before, and returns the payload.
    pub(crate) fn verify(
        &self,
        keys: &KeySet,
        headers: &HeaderCache,
        verified: &VerifiedTokens,
    ) -> Result<Vec<u8>, TokenError> {
        let Some(key) = keys.find(self.key_id()) else {
            return Err(TokenError::new(
                Reason::UnknownKey,
                "is signed with an unknown key (`kid`): check that it belongs to this project",
            ));
        };
        // The key decides on the algorithm, not the token.
        if key.algorithm != self.header.algorithm {
            return Err(TokenError::new(
                Reason::WrongAlgorithm,
                "has an `alg` that does not match its key: pass a token of this project",
            ));
        }
        let digest = verified.digest(key, self.token);
        if !digest.is_some_and(|digest| verified.contains(digest)) {
            self.verify_signature(key)?;
            headers.insert(&self.header);
            digest.inspect(|digest| verified.insert(*digest));
        }
        base64::decode_url(self.payload)
            .ok_or_else(|| TokenError::malformed("has a payload that is not valid base64url"))
    }

    fn verify_signature(&self, key: &Key) -> Result<(), TokenError> {
        let signed = self.signing_input.as_bytes();
        if key.verifying_key.verify(signed, &self.signature) {
            return Ok(());
        }
        Err(TokenError::new(
            Reason::BadSignature,
            "has an invalid signature: it was changed, truncated or issued by another project",
        ))
    }
}

fn not_a_jwt() -> TokenError {
    TokenError::malformed("is not a valid JWT: pass the complete token, unchanged")
}
