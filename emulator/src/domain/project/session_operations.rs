//! What a caller with a session can do: refresh, log out, select a tenant, read the user and the history.

use serde_json::Map;

use super::{Caller, Project, State};
use crate::domain::jwt::{JwtIssuer, TokenPair, TokenTimes};
use crate::domain::project_error::ProjectError;
use crate::domain::sessions::{Session, SignIn};
use crate::domain::settings::Settings;
use crate::domain::tenants::Tenant;
use crate::domain::user::User;

/// A session with newly signed tokens, and what a response says about it.
pub(crate) struct IssuedSession {
    pub(crate) tokens: TokenPair,
    pub(crate) session: Session,
    pub(crate) user: User,
    /// Whether this is the user's first session.
    pub(crate) first_seen: bool,
    /// When the tokens were signed, in seconds since 1970.
    pub(crate) issued_at: u64,
    /// When the session token expires, in seconds since 1970.
    pub(crate) session_expires: u64,
    /// The settings at that time.
    pub(crate) settings: Settings,
}

/// Which of a user's tenants a request asks for.
pub(crate) enum TenantSelection {
    /// The one that is selected in the session. It is not documented what the service returns if there
    /// is none; here it is an empty list.
    Selected,
    Ids(Vec<String>),
}

impl Project {
    /// Issues new tokens for the caller's session.
    pub(crate) fn refresh(&self, caller: Caller) -> Result<IssuedSession, ProjectError> {
        let mut state = self.lock();
        let user = state.enabled_user(&caller)?.clone();
        let session = state.refresh_session(&caller.session)?;
        drop(state);
        self.issue(session, user, false)
    }

    /// Ends the caller's session, if it is of one of these types. An empty list means all types.
    pub(crate) fn log_out(&self, caller: &Caller, types: &[String]) {
        if caller.session.is_of_types(types)
            && let Some(session) = self.lock().sessions.get_mut(&caller.session.id)
        {
            session.is_revoked = true;
        }
    }

    /// Ends all sessions of the caller's user that are of these types. An empty list means all types.
    pub(crate) fn log_out_all(&self, caller: &Caller, types: &[String]) {
        self.lock().sessions.revoke(&caller.session.user_id, types);
    }

    /// The caller's user, who must be enabled.
    pub(crate) fn me(&self, caller: &Caller) -> Result<User, ProjectError> {
        let state = self.lock();
        let user = state.enabled_user(caller)?;
        Ok(state.with_tenant_names(user))
    }

    /// The tenants with these IDs that the caller's user is in, or the selected one of the session.
    pub(crate) fn tenants(
        &self,
        caller: &Caller,
        selection: &TenantSelection,
    ) -> Result<Vec<Tenant>, ProjectError> {
        let state = self.lock();
        let memberships = state.enabled_user(caller)?.user_tenants.iter();
        let selected = memberships.filter(|one| match selection {
            TenantSelection::Selected => caller.session.tenant.as_ref() == Some(&one.tenant_id),
            TenantSelection::Ids(ids) => ids.contains(&one.tenant_id),
        });
        let tenants = selected.map(|one| match state.tenants.by_id(&one.tenant_id) {
            Some(tenant) => tenant.clone(),
            None => Tenant {
                id: one.tenant_id.clone(),
                name: one.tenant_name.clone(),
                custom_attributes: Map::new(),
            },
        });
        Ok(tenants.collect())
    }

    /// The sign-ins of the caller's user, newest first.
    pub(crate) fn history(&self, caller: &Caller) -> Vec<SignIn> {
        self.lock().sessions.history(&caller.session.user_id)
    }

    /// Selects the tenant of the caller's session and issues new tokens.
    pub(crate) fn select_tenant(
        &self,
        caller: Caller,
        tenant: &str,
    ) -> Result<IssuedSession, ProjectError> {
        let mut state = self.lock();
        let user = state.enabled_user(&caller)?.clone();
        if user.membership(tenant).is_none() {
            return Err(ProjectError::InvalidField("The user is not in this tenant"));
        }
        let mut session = caller.session;
        session.tenant = Some(tenant.to_owned());
        if let Some(stored) = state.sessions.get_mut(&session.id) {
            stored.tenant.clone_from(&session.tenant);
        }
        drop(state);
        self.issue(session, user, false)
    }

    /// Signs the tokens of a session. Other requests do not wait for it: signing needs no lock.
    pub(super) fn issue(
        &self,
        session: Session,
        user: User,
        first_seen: bool,
    ) -> Result<IssuedSession, ProjectError> {
        let (times, settings, keys, user) = {
            let state = self.lock();
            let times = state.token_times(&session);
            let user = state.with_tenant_names(&user);
            (times, state.settings.clone(), state.keys.clone(), user)
        };
        let issuer = JwtIssuer {
            issuer: &self.config.issuer,
            keys: &keys,
        };
        let tokens = issuer
            .issue(&session, &user, times)
            .map_err(|error| ProjectError::Internal(error.to_string()))?;
        Ok(IssuedSession {
            tokens,
            session,
            user,
            first_seen,
            issued_at: times.now,
            session_expires: times.session_expires,
            settings,
        })
    }
}

impl State {
    /// Notes that a session is refreshed. If refresh tokens are rotated, the caller's becomes invalid, and the
    /// new one has a whole lifetime: Descope does not document whether it does.
    fn refresh_session(&mut self, caller: &Session) -> Result<Session, ProjectError> {
        let now = self.clock.seconds();
        let settings = &self.settings.project_settings;
        let rotates = settings.refresh_token_rotation;
        let expires = now.saturating_add(settings.refresh_token_expiration.as_secs());
        let session = self.sessions.get_mut(&caller.id);
        let session = session.ok_or(ProjectError::InvalidRefreshToken)?;
        // Another request with the same token may have been first.
        if session.is_revoked {
            return Err(ProjectError::SessionRevoked);
        }
        if session.rotations != caller.rotations {
            return Err(ProjectError::InvalidRefreshToken);
        }
        session.last_active = now;
        if rotates {
            session.rotations += 1;
            session.expires = expires;
        }
        Ok(session.clone())
    }

    /// When the tokens of a session are signed, and when its session token expires. A stepped-up token expires
    /// with the step-up at the latest.
    pub(super) fn token_times(&self, session: &Session) -> TokenTimes {
        let now = self.clock.seconds();
        let ttl = self.settings.project_settings.session_token_expiration;
        let expires = now.saturating_add(ttl.as_secs());
        let stepped_up_until = session.stepped_up_until.filter(|until| *until > now);
        TokenTimes {
            now,
            session_expires: stepped_up_until.map_or(expires, |until| until.min(expires)),
        }
    }

    fn enabled_user(&self, caller: &Caller) -> Result<&User, ProjectError> {
        self.users
            .by_id(&caller.session.user_id)
            .filter(|user| user.is_enabled())
            .ok_or(ProjectError::InvalidRefreshToken)
    }
}
