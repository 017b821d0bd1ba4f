//! Access keys: creating them with the management key, and exchanging them for session tokens.

use serde_json::{Map, Value};

use super::{Credentials, Project, State};
use crate::domain::access_keys::AccessKey;
use crate::domain::ids;
use crate::domain::jwt::{Grants, JwtIssuer, TokenTimes};
use crate::domain::project_error::ProjectError;
use crate::domain::sessions::Session;
use crate::domain::user::TenantMembership;

/// An access key to create.
pub(crate) struct NewAccessKey {
    pub(crate) name: String,
    pub(crate) role_names: Vec<String>,
    pub(crate) tenants: Vec<TenantMembership>,
    pub(crate) custom_claims: Map<String, Value>,
    pub(crate) user_id: Option<String>,
    /// In seconds since 1970; 0 for never.
    pub(crate) expires: u64,
}

/// The `loginOptions` of an exchange.
pub(crate) struct AccessKeyOptions {
    pub(crate) custom_claims: Map<String, Value>,
    pub(crate) tenant: Option<String>,
}

/// A session token for an access key. There is no refresh token: the key is exchanged again.
pub(crate) struct AccessKeySession {
    pub(crate) token: String,
    pub(crate) key_id: String,
    /// When the token expires, in seconds since 1970.
    pub(crate) expires: u64,
}

impl Project {
    /// Creates an access key. Returns its cleartext and the key.
    pub(crate) fn create_access_key(
        &self,
        new: NewAccessKey,
    ) -> Result<(String, AccessKey), ProjectError> {
        let mut state = self.lock();
        let user_id = new.user_id.as_deref();
        if user_id.is_some_and(|id| state.users.by_id(id).is_none()) {
            return Err(ProjectError::UserNotFound);
        }
        let key = AccessKey {
            id: ids::access_key_id(),
            name: new.name,
            role_names: new.role_names,
            tenants: new.tenants,
            custom_claims: new.custom_claims,
            user_id: new.user_id,
            expires: new.expires,
            created: state.clock.seconds(),
        };
        let cleartext = ids::access_key();
        state.access_keys.add(cleartext.clone(), key.clone());
        Ok((cleartext, key))
    }

    /// Whether this is the cleartext of an access key, expired or not.
    pub(crate) fn has_access_key(&self, cleartext: &str) -> bool {
        self.lock().access_keys.contains(cleartext)
    }

    /// Exchanges the access key that a caller sent for a session token.
    pub(crate) fn exchange_access_key(
        &self,
        credentials: &Credentials,
        options: AccessKeyOptions,
    ) -> Result<AccessKeySession, ProjectError> {
        let mut state = self.lock();
        let now = state.clock.seconds();
        let key = state.valid_access_key(credentials, now)?;
        let (roles, permissions, tenants) = match key.user_id.as_deref() {
            None => (key.role_names.clone(), Vec::new(), key.tenants.clone()),
            Some(id) => {
                let user = state.users.by_id(id).filter(|user| user.is_enabled());
                let user = user.ok_or(ProjectError::InvalidAccessKey)?;
                let user = user.clone();
                (user.role_names, user.permissions, user.user_tenants)
            }
        };
        let selected = options.tenant.as_deref();
        let is_member = |id: &str| tenants.iter().any(|tenant| tenant.tenant_id == id);
        if selected.is_some_and(|id| !is_member(id)) {
            return Err(ProjectError::InvalidField(
                "The access key is not in the tenant of selectedTenant",
            ));
        }
        let mut custom_claims = options.custom_claims;
        custom_claims.extend(key.custom_claims.clone());
        let ttl = state
            .settings
            .project_settings
            .access_key_session_token_expiration;
        let expires = now.saturating_add(ttl.as_secs());
        let session = Session {
            id: ids::session_id(),
            user_id: key.id.clone(),
            factors: Vec::new(),
            custom_claims,
            tenant: options.tenant,
            stepped_up_until: None,
            expires,
            last_active: now,
            rotations: 0,
            is_revoked: false,
        };
        state.sessions.add(session.clone(), now);
        let keys = state.keys.clone();
        drop(state);
        let issuer = JwtIssuer {
            issuer: &self.config.issuer,
            keys: &keys,
        };
        let grants = Grants {
            roles: &roles,
            permissions: &permissions,
            tenants: &tenants,
        };
        let token = issuer
            .session_token(
                &session,
                &grants,
                TokenTimes {
                    now,
                    session_expires: expires,
                },
            )
            .map_err(|error| ProjectError::Internal(error.to_string()))?;
        Ok(AccessKeySession {
            token,
            key_id: session.user_id,
            expires: session.expires,
        })
    }
}

impl State {
    /// The access key among a caller's credentials.
    fn valid_access_key(
        &self,
        credentials: &Credentials,
        now: u64,
    ) -> Result<AccessKey, ProjectError> {
        let sent = &credentials.sent;
        if sent.is_empty() {
            return Err(ProjectError::NoAccessKey);
        }
        let key = sent
            .iter()
            .find_map(|part| self.access_keys.find(part, now));
        key.cloned().ok_or(ProjectError::InvalidAccessKey)
    }
}
