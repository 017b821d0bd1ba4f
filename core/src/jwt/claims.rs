//! The claims of a token (RFC 7519, 4), and how they are validated.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::token_error::{TokenError, TokenKind};
use crate::error::Reason;
use crate::json::{self, JsonString, RawObject};

/// The claims of a valid token.
pub(crate) struct Claims<'a> {
    /// The JSON object in the token, unchanged.
    pub(crate) json: &'a str,
    pub(crate) members: RawObject<'a>,
}

/// What the claims must satisfy.
pub(crate) struct Validation<'a> {
    pub(crate) token_kind: TokenKind,
    pub(crate) project_id: &'a str,
    /// Accepted audiences, at least one must match. If this is `None`, a token with audiences must have
    /// the project ID among them.
    pub(crate) audiences: Option<&'a [JsonString<'a>]>,
    /// By how much clocks may differ.
    pub(crate) leeway: Duration,
    /// By how many seconds the clock of this machine is ahead of that of the service, if that is known and
    /// more than the leeway.
    pub(crate) clock_difference: Option<i64>,
}

impl<'a> Claims<'a> {
    /// Parses a payload and validates the claims in it. `clocks` are the times by the clocks that judge the
    /// token: its times count against it only if all of them agree.
    pub(crate) fn validate(
        payload: &'a [u8],
        validation: &Validation<'_>,
        clocks: &[SystemTime],
    ) -> Result<Claims<'a>, TokenError> {
        let not_an_object = || TokenError::malformed("has a payload that is not a JSON object");
        let json = std::str::from_utf8(payload).map_err(|_| not_an_object())?;
        let members = json::parse_raw(json).ok_or_else(not_an_object)?;
        validation.check(&members, clocks)?;
        Ok(Claims { json, members })
    }
}

impl Validation<'_> {
    fn check(&self, claims: &RawObject<'_>, clocks: &[SystemTime]) -> Result<(), TokenError> {
        self.check_time(claims, clocks)?;
        self.check_issuer(claims)?;
        self.check_audience(claims)?;
        self.check_kind(claims)
    }

    /// Checks `exp` and `nbf`. `iat` is only information (RFC 7519, 4.1.6).
    fn check_time(&self, claims: &RawObject<'_>, clocks: &[SystemTime]) -> Result<(), TokenError> {
        let leeway = self.leeway.as_secs_f64();
        let all = |is_wrong: &dyn Fn(f64) -> bool| {
            let mut times = clocks.iter().map(|clock| seconds_since_1970(*clock));
            !clocks.is_empty() && times.all(is_wrong)
        };
        let Some(expiry) = numeric_date(claims, "exp")? else {
            return Err(TokenError::malformed("has no expiry time (`exp`)"));
        };
        if all(&|now| expiry <= now - leeway) {
            let problem = match self.token_kind {
                TokenKind::Session => "has expired: refresh the session",
                TokenKind::Refresh => "has expired: sign the user in again",
            };
            return Err(self.time_error(Reason::Expired, problem, clocks));
        }
        let start = numeric_date(claims, "nbf")?;
        if start.is_some_and(|start| all(&|now| start > now + leeway)) {
            let problem = "is not valid yet (`nbf`): check the clock of this machine";
            return Err(self.time_error(Reason::NotYetValid, problem, clocks));
        }
        Ok(())
    }

    /// If the clock of this machine is known to differ from that of the service, the error says so.
    fn time_error(
        &self,
        reason: Reason,
        problem: &'static str,
        clocks: &[SystemTime],
    ) -> TokenError {
        let (Some(difference), [local]) = (self.clock_difference, clocks) else {
            return TokenError::new(reason, problem);
        };
        let amount = Duration::from_secs(difference.unsigned_abs());
        let service = match difference {
            0.. => local.checked_sub(amount),
            _ => local.checked_add(amount),
        };
        let service = service.unwrap_or(UNIX_EPOCH);
        TokenError::new(
            reason,
            format!(
                "{problem}. The clock of this machine may be wrong: it says {}, that of the service {}",
                httpdate::fmt_http_date(*local),
                httpdate::fmt_http_date(service)
            ),
        )
    }

    /// `iss` is the project ID, or a URL that ends in it.
    fn check_issuer(&self, claims: &RawObject<'_>) -> Result<(), TokenError> {
        let issuer = claims.string("iss").unwrap_or_default();
        let project_id = issuer.rsplit_once('/').map_or(&*issuer, |(_, last)| last);
        if project_id == self.project_id {
            return Ok(());
        }
        Err(TokenError::new(
            Reason::WrongIssuer,
            "was issued for another project (`iss`): check the project ID",
        ))
    }

    fn check_audience(&self, claims: &RawObject<'_>) -> Result<(), TokenError> {
        let audiences = match claims.get("aud") {
            None => Vec::new(),
            Some(value) => json::string_or_array(value.get()).ok_or_else(|| {
                TokenError::malformed("has an `aud` that is not a string or an array of strings")
            })?,
        };
        let is_accepted = match self.audiences {
            Some(accepted) => audiences
                .iter()
                .any(|audience| accepted.iter().any(|one| one.as_str() == audience)),
            None => {
                audiences.is_empty() || audiences.iter().any(|audience| audience == self.project_id)
            }
        };
        if is_accepted {
            return Ok(());
        }
        Err(TokenError::new(
            Reason::WrongAudience,
            "has a different audience (`aud`): pass the expected audience as `audience`",
        ))
    }

    /// `drn` is the name of the cookie that the token is for.
    fn check_kind(&self, claims: &RawObject<'_>) -> Result<(), TokenError> {
        match (self.token_kind, claims.string("drn").as_deref()) {
            (TokenKind::Session, Some("DSR")) => Err(TokenError::new(
                Reason::NotASession,
                "is a refresh token: pass the session token",
            )),
            (TokenKind::Refresh, Some("DS")) => Err(TokenError::new(
                Reason::NotARefreshToken,
                "is a session token: pass the refresh token",
            )),
            _ => Ok(()),
        }
    }
}

fn seconds_since_1970(time: SystemTime) -> f64 {
    let since_1970 = time.duration_since(UNIX_EPOCH);
    since_1970.map_or(0.0, |time| time.as_secs_f64())
}

/// A time in seconds since 1970 (NumericDate; RFC 7519, 2).
fn numeric_date(claims: &RawObject<'_>, name: &str) -> Result<Option<f64>, TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    // The parser of the standard library would add 15 kB to this one, which is linked anyway.
    serde_json::from_str::<f64>(value.get())
        .map(Some)
        .map_err(|_| TokenError::malformed(format!("has a `{name}` that is not a number")))
}
