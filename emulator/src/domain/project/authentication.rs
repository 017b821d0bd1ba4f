//! Authentication: the session that a caller's token belongs to, and the management key.

use serde_json::{Map, Value};

use super::{Project, State};
use crate::domain::jwt::{JwtIssuer, ROTATIONS_CLAIM, TokenKind};
use crate::domain::project_error::ProjectError;
use crate::domain::sessions::Session;

/// The tokens and keys that a caller sent. They are not verified yet.
pub(crate) struct Credentials {
    /// In any order. Empty ones do not count.
    pub(crate) sent: Vec<String>,
    /// What a browser keeps for the caller as the refresh token. It counts if the caller sent nothing.
    pub(crate) kept_refresh_tokens: Vec<String>,
}

/// A caller with a valid token of a session that was not revoked.
pub(crate) struct Caller {
    pub(crate) session: Session,
    /// The claims of the token.
    pub(crate) claims: Map<String, Value>,
}

impl Project {
    /// The caller who sent a valid refresh token.
    pub(crate) fn refresh_token_caller(
        &self,
        credentials: &Credentials,
    ) -> Result<Caller, ProjectError> {
        self.caller(credentials, TokenKind::Refresh)
            .unwrap_or(Err(ProjectError::InvalidRefreshToken))
    }

    /// The caller who sent a valid session token.
    pub(crate) fn session_token_caller(
        &self,
        credentials: &Credentials,
    ) -> Result<Caller, ProjectError> {
        self.caller(credentials, TokenKind::Session)
            .unwrap_or(Err(ProjectError::InvalidSessionToken))
    }

    /// Succeeds if the caller sent the management key.
    pub(crate) fn check_management_key(
        &self,
        credentials: &Credentials,
    ) -> Result<(), ProjectError> {
        match credentials.sent.contains(&self.config.management_key) {
            true => Ok(()),
            false => Err(ProjectError::InvalidManagementKey),
        }
    }

    /// `None` if no valid token of this kind was sent.
    fn caller(
        &self,
        credentials: &Credentials,
        kind: TokenKind,
    ) -> Option<Result<Caller, ProjectError>> {
        let (keys, now) = {
            let state = self.lock();
            (state.keys.clone(), state.clock.seconds())
        };
        let issuer = JwtIssuer {
            issuer: &self.config.issuer,
            keys: &keys,
        };
        let mut tokens = match kind {
            TokenKind::Refresh if credentials.sent.is_empty() => &credentials.kept_refresh_tokens,
            _ => &credentials.sent,
        }
        .iter();
        let claims = tokens.find_map(|token| issuer.decode_and_verify(token, kind, now))?;
        let id = claims.get("jti").and_then(Value::as_str)?;
        let state = self.lock();
        let session = state.sessions.get(id)?.clone();
        if session.is_revoked {
            return Some(Err(ProjectError::SessionRevoked));
        }
        let is_usable = match kind {
            TokenKind::Session => true,
            TokenKind::Refresh => {
                rotations(&claims) == session.rotations && !state.is_inactive(&session, now)
            }
        };
        is_usable.then_some(Ok(Caller { session, claims }))
    }
}

impl State {
    /// Whether the session was not refreshed for too long. It is not documented what else counts as activity.
    fn is_inactive(&self, session: &Session, now: u64) -> bool {
        let settings = &self.settings.project_settings;
        let ends = session
            .last_active
            .saturating_add(settings.inactivity_time.as_secs());
        settings.enable_inactivity && now >= ends
    }
}

/// How many refresh tokens the one with these claims has replaced.
fn rotations(claims: &Map<String, Value>) -> u64 {
    let count = claims.get(ROTATIONS_CLAIM).and_then(Value::as_u64);
    count.unwrap_or_default()
}
