//! The compact form of a signed token: `header.payload.signature` (RFC 7515, 7.1).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Flaw;
use super::algorithm::Algorithm;
use super::key::KeySet;
use crate::document::Members;
use crate::error::Reason;

/// A token taken apart, of which nothing has been checked yet.
pub(super) struct Jws<'a> {
    pub(super) key_id: Option<String>,
    algorithm: Algorithm,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Jws<'a>, Flaw> {
        let cut = || Flaw::malformed("is not a JWT: pass it whole, as it was received");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(cut)?;
        let (header, payload) = signed.split_once('.').ok_or_else(cut)?;
        if payload.contains('.') {
            return Err(cut());
        }
        let header = decode(header).ok_or_else(cut)?;
        let header = String::from_utf8(header).map_err(|_| cut())?;
        let members = Members::parse(&header).ok_or_else(cut)?;
        if members.get("crit").is_some() {
            return Err(Flaw::malformed(
                "asks for an extension that is unknown here",
            ));
        }
        // Looked at before any key is: what is not signed must not cost a fetch.
        let algorithm = members.text("alg").ok_or_else(cut)?;
        let Some(algorithm) = Algorithm::named(&algorithm) else {
            return Err(Flaw::new(
                Reason::WrongAlgorithm,
                "is not signed in a way that is accepted: only the project's own tokens are",
            ));
        };
        Ok(Jws {
            key_id: members.text("kid").map(Cow::into_owned),
            algorithm,
            signed,
            payload,
            signature: decode(signature).ok_or_else(cut)?,
        })
    }

    /// The payload, once its signature has been found to be that of the key which the token names.
    pub(super) fn verified_by(&self, keys: &KeySet) -> Result<Vec<u8>, Flaw> {
        let Some(key) = keys.find(self.key_id.as_deref()) else {
            return Err(Flaw::new(
                Reason::UnknownKey,
                "is signed with a key that the project does not have: is it another project's?",
            ));
        };
        if key.algorithm != self.algorithm {
            return Err(Flaw::new(
                Reason::WrongAlgorithm,
                "names another algorithm than that of its key: only the project's own tokens are accepted",
            ));
        }
        if !key
            .verifying
            .verifies(self.signed.as_bytes(), &self.signature)
        {
            return Err(Flaw::new(
                Reason::BadSignature,
                "is not signed by the project: it was changed, cut short, or is another project's",
            ));
        }
        decode(self.payload).ok_or_else(|| Flaw::malformed("has no readable claims"))
    }
}

/// Bytes in base64url without padding, in the one form that stands for them.
fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
