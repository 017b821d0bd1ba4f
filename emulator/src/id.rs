//! Identifiers, tokens and dates in the forms that the service uses.

use rand::RngExt;
use rand::distr::Alphanumeric;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Random letters and digits, from a generator that is fit for secrets.
fn random(length: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(length)
        .map(char::from)
        .collect()
}

/// A user ID.
pub(crate) fn user() -> String {
    format!("U{}", random(27))
}

/// The ID of a signing key.
pub(crate) fn key() -> String {
    format!("SK{}", random(26))
}

/// A management key.
pub(crate) fn management_key() -> String {
    format!("K{}", random(60))
}

/// A message ID.
pub(crate) fn message() -> String {
    format!("M{}", random(27))
}

/// The ID of a session.
pub(crate) fn session() -> String {
    format!("S{}", random(27))
}

/// The token of a link.
pub(crate) fn token() -> String {
    random(64)
}

/// A time since 1970 in seconds, as RFC 3339 writes it in UTC.
pub(crate) fn rfc3339(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
