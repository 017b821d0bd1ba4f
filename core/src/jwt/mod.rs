//! JSON Web Tokens: parsing, signatures, claims, and the cache of public keys. No I/O, no clock: callers
//! pass the keys and the time.
//!
//! A token is validated in three steps: [`Jws::parse`], [`Jws::verify`] with the keys of the project,
//! [`Claims::validate`].

mod algorithm;
mod claims;
mod client_allowance;
mod fetch_allowance;
mod jwk;
mod jws;
mod key_cache;
mod token_error;
mod verified_tokens;

pub(crate) use claims::{Claims, Validation};
pub(crate) use client_allowance::ClientAllowance;
pub(crate) use jwk::KeySet;
pub(crate) use jws::{HeaderCache, Jws};
pub(crate) use key_cache::{
    CachedKeys, FetchState, KeyCacheLimits, KeyFetchInProgress, KeyLookup, LastFetch, LookupResult,
    LookupTime,
};
pub(crate) use token_error::TokenKind;
pub(crate) use verified_tokens::VerifiedTokens;
