//! Tokens: signed by the project, valid now, and of the right kind; checked without a network once the
//! project's public keys are known.

mod algorithm;
mod claims;
mod jws;
mod key;
mod keys;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use claims::{Claims, Rules};
use jws::Jws;
pub(crate) use key::KeySet;
pub(crate) use keys::{Keyring, Limits, Wanted};

use crate::error::{Error, Reason};
use crate::status::Outcome;

/// What a token is used as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Session,
    Refresh,
}

impl Use {
    /// What messages call such a token.
    fn name(self) -> &'static str {
        match self {
            Use::Session => "session token",
            Use::Refresh => "refresh token",
        }
    }
}

/// Why a token does not hold.
pub(crate) struct Flaw {
    pub(crate) reason: Reason,
    pub(crate) why: String,
}

impl Flaw {
    pub(crate) fn new(reason: Reason, why: impl Into<String>) -> Flaw {
        let why = why.into();
        Flaw { reason, why }
    }

    pub(crate) fn malformed(why: &str) -> Flaw {
        Flaw::new(Reason::Malformed, why)
    }

    fn error(self, used_as: Use) -> Error {
        let message = format!("the {} {}", used_as.name(), self.why);
        Error::token(self.reason, message, Outcome::NotSent)
    }
}

/// Checks a token of the project that these keys are of, with those that `find` gives for the key ID in
/// it; what `tell` makes of its claims.
///
/// # Errors
///
/// [`Error::Token`], why the keys could not be had, or that of `tell`.
pub(crate) fn check<T>(
    token: &str,
    project: &Keyring,
    rules: &Rules<'_>,
    find: impl FnOnce(Option<&str>) -> Result<Arc<KeySet>, Error>,
    tell: impl FnOnce(&Claims<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let used_as = rules.used_as;
    let jws = Jws::parse(token, &project.latest_head).map_err(|flaw| flaw.error(used_as))?;
    let keys = find(jws.key_id())?;
    let payload = jws.verified_by(&keys, &project.latest_head);
    let payload = payload.map_err(|flaw| flaw.error(used_as))?;
    let claims = Claims::read(&payload, rules, now());
    tell(&claims.map_err(|flaw| flaw.error(used_as))?)
}

/// Seconds since 1970, of this machine's clock.
fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |time| time.as_secs_f64())
}
