//! The compact form of a signed token: `header.payload.signature` (RFC 7515, 7.1).

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::Flaw;
use super::algorithm::Algorithm;
use super::key::KeySet;
use crate::decoding;
use crate::document::Members;
use crate::error::Reason;

/// A token taken apart, of which nothing has been checked yet.
pub(super) struct Jws<'a> {
    head: Arc<Head>,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

/// The latest head whose signature held: the same for every token that a key signs.
#[derive(Default)]
pub(crate) struct LatestHead(ArcSwapOption<Head>);

/// What a token begins with, and what that says.
struct Head {
    text: String,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl LatestHead {
    /// The head with this text, read only when it is not the latest.
    fn read(&self, text: &str) -> Result<Arc<Head>, Flaw> {
        match &*self.0.load() {
            Some(latest) if latest.text == text => Ok(Arc::clone(latest)),
            _ => Head::read(text).map(Arc::new),
        }
    }

    /// Remembers the head of a token whose signature holds.
    fn remember(&self, head: &Arc<Head>) {
        let is_known = |latest: &Arc<Head>| Arc::ptr_eq(latest, head);
        if !self.0.load().as_ref().is_some_and(is_known) {
            self.0.store(Some(Arc::clone(head)));
        }
    }
}

impl Head {
    fn read(text: &str) -> Result<Head, Flaw> {
        let header = decoding::url_safe(text).ok_or_else(cut)?;
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
        Ok(Head {
            text: text.to_owned(),
            algorithm,
            key_id: members.text("kid").map(Cow::into_owned),
        })
    }
}

impl<'a> Jws<'a> {
    pub(super) fn parse(token: &'a str, latest: &LatestHead) -> Result<Jws<'a>, Flaw> {
        let (signed, signature) = token.rsplit_once('.').ok_or_else(cut)?;
        let (head, payload) = signed.split_once('.').ok_or_else(cut)?;
        if payload.contains('.') {
            return Err(cut());
        }
        Ok(Jws {
            head: latest.read(head)?,
            signed,
            payload,
            signature: decoding::url_safe(signature).ok_or_else(cut)?,
        })
    }

    /// The ID of the key that the token says it is signed with.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.head.key_id.as_deref()
    }

    /// The payload, once its signature has been found to be that of the key which the token names.
    pub(super) fn verified_by(&self, keys: &KeySet, latest: &LatestHead) -> Result<Vec<u8>, Flaw> {
        let Some(key) = keys.find(self.key_id()) else {
            return Err(Flaw::new(
                Reason::UnknownKey,
                "is signed with a key that the project does not have: is it another project's?",
            ));
        };
        if key.algorithm != self.head.algorithm {
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
        latest.remember(&self.head);
        decoding::url_safe(self.payload).ok_or_else(|| Flaw::malformed("has no readable claims"))
    }
}

fn cut() -> Flaw {
    Flaw::malformed("is not a JWT: pass it whole, as it was received")
}
