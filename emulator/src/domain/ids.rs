//! Random identifiers and tokens in the formats that the service uses.

use rand::RngExt;
use rand::distr::Alphanumeric;

/// Random letters and digits from a cryptographically secure generator.
fn random(length: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(length)
        .map(char::from)
        .collect()
}

pub(crate) fn user_id() -> String {
    format!("U{}", random(27))
}

/// The ID of a signing key.
pub(crate) fn key_id() -> String {
    format!("SK{}", random(26))
}

pub(crate) fn management_key() -> String {
    format!("K{}", random(60))
}

pub(crate) fn access_key_id() -> String {
    format!("K{}", random(27))
}

/// The cleartext of an access key.
pub(crate) fn access_key() -> String {
    format!("K{}", random(60))
}

pub(crate) fn message_id() -> String {
    format!("M{}", random(27))
}

pub(crate) fn session_id() -> String {
    format!("S{}", random(27))
}

/// The one-time token of a magic link.
pub(crate) fn link_token() -> String {
    random(64)
}
