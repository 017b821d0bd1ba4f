//! The claims of a token, and the rules by which they hold.

use super::{Flaw, Use};
use crate::document::{self, Members, Text};
use crate::error::Reason;

/// The claims of a token that holds.
pub(crate) struct Claims<'a> {
    /// A JSON object, as the token has it.
    pub(crate) json: &'a str,
    pub(crate) members: Members<'a>,
}

/// What must be true of the claims.
pub(crate) struct Rules<'a> {
    pub(crate) used_as: Use,
    pub(crate) project_id: &'a str,
    /// Of these audiences the token must have one. Without any, a token that has audiences must have
    /// the project among them.
    pub(crate) audiences: Option<&'a [Text<'a>]>,
    /// By how many seconds clocks may differ.
    pub(crate) leeway: f64,
}

impl<'a> Claims<'a> {
    /// The claims in a payload, if they hold at a time, in seconds since 1970.
    pub(super) fn read(payload: &'a [u8], rules: &Rules<'_>, now: f64) -> Result<Self, Flaw> {
        let unreadable = || Flaw::malformed("has no readable claims");
        let json = str::from_utf8(payload).map_err(|_| unreadable())?;
        let members = document::object(json).ok_or_else(unreadable)?;
        rules.hold(&members, now)?;
        Ok(Claims { json, members })
    }
}

impl Rules<'_> {
    /// Checks the claims at a time, in seconds since 1970.
    fn hold(&self, claims: &Members<'_>, now: f64) -> Result<(), Flaw> {
        self.is_valid_at(claims, now)?;
        self.is_of_the_project(claims)?;
        self.is_for_the_audience(claims)?;
        match (self.used_as, claims.text("drn").as_deref()) {
            (Use::Session, Some("DSR")) => Err(Flaw::new(
                Reason::NotASession,
                "is a refresh token: pass the session JWT",
            )),
            (Use::Refresh, Some("DS")) => Err(Flaw::new(
                Reason::NotARefreshToken,
                "is a session token: pass the refresh JWT",
            )),
            _ => Ok(()),
        }
    }

    fn is_valid_at(&self, claims: &Members<'_>, now: f64) -> Result<(), Flaw> {
        let Some(expiry) = seconds(claims, "exp")? else {
            return Err(Flaw::malformed(
                "has no time of expiry (`exp`): it cannot be trusted",
            ));
        };
        if expiry <= now - self.leeway {
            return Err(Flaw::new(
                Reason::Expired,
                "has expired: refresh the session, or sign the user in again",
            ));
        }
        for name in ["nbf", "iat"] {
            if seconds(claims, name)?.is_some_and(|start| start > now + self.leeway) {
                return Err(Flaw::new(
                    Reason::NotYetValid,
                    format!("is not valid yet (`{name}`): check this machine's clock"),
                ));
            }
        }
        Ok(())
    }

    /// `iss` is the project's ID, or a URL that ends in it.
    fn is_of_the_project(&self, claims: &Members<'_>) -> Result<(), Flaw> {
        let issuer = claims.text("iss").unwrap_or_default();
        match project_of(&issuer) == self.project_id {
            true => Ok(()),
            false => Err(Flaw::new(
                Reason::WrongIssuer,
                "was issued for another project (`iss`): check the project ID",
            )),
        }
    }

    fn is_for_the_audience(&self, claims: &Members<'_>) -> Result<(), Flaw> {
        let audiences: Vec<String> = match claims.get("aud") {
            None => Vec::new(),
            Some(value) => document::one_or_many(value.get())
                .ok_or_else(|| Flaw::malformed("has an audience (`aud`) that is no text"))?,
        };
        let is_wanted = match self.audiences {
            Some(wanted) => wanted
                .iter()
                .any(|wanted| audiences.iter().any(|given| given == wanted.as_str())),
            None => audiences.is_empty() || audiences.iter().any(|given| given == self.project_id),
        };
        match is_wanted {
            true => Ok(()),
            false => Err(Flaw::new(
                Reason::WrongAudience,
                "is for another audience (`aud`): give the `audience` that it must have",
            )),
        }
    }
}

/// The project that an issuer names.
pub(crate) fn project_of(issuer: &str) -> &str {
    issuer.rsplit_once('/').map_or(issuer, |(_, last)| last)
}

/// A time in seconds since 1970 (RFC 7519, 2, NumericDate).
fn seconds(claims: &Members<'_>, name: &str) -> Result<Option<f64>, Flaw> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    match value.get().parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Ok(Some(seconds)),
        _ => Err(Flaw::new(
            Reason::Malformed,
            format!("has a time (`{name}`) that is no number"),
        )),
    }
}
