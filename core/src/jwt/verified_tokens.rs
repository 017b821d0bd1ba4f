//! The tokens whose signature was verified: it need not be verified again.
//!
//! A token is known by a SHA-256 digest of its key and all of its text. So a token that differs in one
//! bit is another token, and the tokens of a key that is gone are never found again. The digests are in
//! an array of fixed size without a lock. If two threads write to one place, it may hold a mixture of
//! two digests, which is the digest of no token.

use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceBox;
use ring::digest::{Context, SHA256};

use super::jwk::Key;
use crate::memory;

/// The number of places among which a digest may be.
const WAYS: usize = 8;

/// A cache of verified tokens.
pub(crate) struct VerifiedTokens {
    /// A multiple of [`WAYS`].
    capacity: usize,
    /// The places, which are allocated when the first token is added. Zero: empty.
    places: OnceBox<Box<[Place]>>,
}

type Place = [AtomicU64; 4];

/// What stands for a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenDigest([u64; 4]);

impl VerifiedTokens {
    /// A cache of about so many tokens. Zero: no cache.
    pub(crate) fn new(capacity: usize) -> VerifiedTokens {
        VerifiedTokens {
            capacity: capacity.next_multiple_of(WAYS),
            places: OnceBox::new(),
        }
    }

    /// The digest of a token that a key verifies. `None` if there is no cache.
    pub(super) fn digest(&self, key: &Key, token: &str) -> Option<TokenDigest> {
        (self.capacity > 0).then(|| {
            let mut context = Context::new(&SHA256);
            context.update(&key.fingerprint);
            context.update(token.as_bytes());
            TokenDigest::from_bytes(context.finish().as_ref())
        })
    }

    /// Whether a token was added, and not replaced by another one since.
    pub(super) fn contains(&self, digest: TokenDigest) -> bool {
        let places = self.places.get();
        let set = places.and_then(|places| places.get(self.set_of(digest)));
        set.is_some_and(|set| set.iter().any(|place| load(place) == digest))
    }

    /// Adds a token whose signature is valid. If there is no room, it replaces another one.
    pub(super) fn insert(&self, digest: TokenDigest) {
        let places = self.places.get_or_try_init(|| {
            let mut places = Vec::new();
            if !memory::is_short() {
                places.try_reserve_exact(self.capacity).map_err(drop)?;
                places.resize_with(self.capacity, Place::default);
            }
            // The cache stays, so it must not come from the reserve.
            match memory::is_short() {
                true => Err(()),
                false => Ok(Box::new(places.into_boxed_slice())),
            }
        });
        let Ok(places) = places else {
            return;
        };
        let set = places.get(self.set_of(digest)).unwrap_or_default();
        let is_empty = |place: &&Place| load(place) == TokenDigest([0; 4]);
        let any = usize::from(digest.0[3] as u8) % WAYS;
        if let Some(place) = set.iter().find(is_empty).or_else(|| set.get(any)) {
            for (word, value) in place.iter().zip(digest.0) {
                word.store(value, Ordering::Relaxed);
            }
        }
    }

    /// The places where a digest may be.
    fn set_of(&self, digest: TokenDigest) -> std::ops::Range<usize> {
        let sets = (self.capacity / WAYS).max(1) as u64;
        let first = usize::try_from(digest.0[0] % sets).unwrap_or_default() * WAYS;
        first..first + WAYS
    }
}

impl TokenDigest {
    fn from_bytes(bytes: &[u8]) -> TokenDigest {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(size_of::<u64>())) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        TokenDigest(words)
    }
}

fn load(place: &Place) -> TokenDigest {
    TokenDigest(place.each_ref().map(|word| word.load(Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::KeySet;

    fn digests() -> impl Iterator<Item = TokenDigest> {
        (0_u64..).map(|number| {
            let digest = ring::digest::digest(&SHA256, &number.to_le_bytes());
            TokenDigest::from_bytes(digest.as_ref())
        })
    }

    #[test]
    fn the_number_of_tokens_is_limited() {
        for (capacity, places) in [(1, 8), (8, 8), (4096, 4096)] {
            let tokens = VerifiedTokens::new(capacity);
            assert!(tokens.places.get().is_none());
            for digest in digests().take(3 * places) {
                assert!(!tokens.contains(digest));
                tokens.insert(digest);
                assert!(tokens.contains(digest));
            }
            let remembered = digests()
                .take(3 * places)
                .filter(|one| tokens.contains(*one));
            // Sets fill up unevenly.
            assert!((places * 9 / 10..=places).contains(&remembered.count()));
        }
    }

    #[test]
    fn a_token_belongs_to_its_key() {
        let key = |id: &str, x: &str| {
            let jwk = format!(r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "{id}", "x": "{x}"}}"#);
            KeySet::parse_key_or_set(&jwk).unwrap_or_else(|problem| panic!("the key {problem}"))
        };
        let (one, other) = ("A".repeat(43), "B".repeat(42) + "A");
        let tokens = VerifiedTokens::new(8);
        let digest = |keys: &KeySet| tokens.digest(keys.find(None).unwrap(), "token");
        let [first, same, changed] = [key("K1", &one), key("K1", &one), key("K1", &other)];
        assert!(digest(&first) == digest(&same));
        assert!(digest(&first) != digest(&changed));
        let no_tokens = VerifiedTokens::new(0);
        assert!(
            no_tokens
                .digest(first.find(None).unwrap(), "token")
                .is_none()
        );
    }
}
