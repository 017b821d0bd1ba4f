//! Authentication: the session that a caller's token belongs to, and the management key.

use serde_json::{Map, Value};

use super::Project;
use crate::domain::jwt::{JwtIssuer, TokenKind};
use crate::domain::project_error::ProjectError;
use crate::domain::sessions::Session;

/// The tokens and keys that a caller sent, in any order. They are not verified yet.
pub(crate) struct Credentials(pub(crate) Vec<String>);

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
        match credentials.0.contains(&self.config.management_key) {
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
        let mut tokens = credentials.0.iter();
        let claims = tokens.find_map(|token| issuer.decode_and_verify(token, kind, now))?;
        let id = claims.get("jti").and_then(Value::as_str)?;
        let session = self.lock().sessions.get_mut(id)?.clone();
        Some(match session.is_revoked {
            true => Err(ProjectError::SessionRevoked),
            false => Ok(Caller { session, claims }),
        })
    }
}
