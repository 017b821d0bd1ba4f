//! Forged session tokens, which a test can flood a client with. The project does not know their keys.

use super::{Project, State};
use crate::domain::ids;
use crate::domain::jwt::{Grants, JwtIssuer};
use crate::domain::key_set::KeySet;
use crate::domain::sessions::Session;
use crate::domain::signing_key::SigningKey;
use crate::domain::user::User;

impl Project {
    /// Signs session tokens with a key that is not one of the project's. Each token names a key ID of its
    /// own, which nobody has seen before. Everything else is as in a genuine token of the user, or of a
    /// user who does not exist. An error says why that is not possible.
    pub(crate) fn forge_session_tokens(
        &self,
        key: &SigningKey,
        count: usize,
        login_id: Option<&str>,
    ) -> Result<Vec<String>, String> {
        let (user, session, times) = {
            let state = self.lock();
            let user = match login_id {
                Some(login_id) => {
                    let user = state.users.by_login_id(login_id);
                    user.cloned().ok_or("no user has this `loginId`")?
                }
                None => User::new("forged", state.clock.seconds()),
            };
            let session = state.forged_session(&user);
            let times = state.token_times(&session);
            (user, session, times)
        };
        let grants = Grants {
            roles: &user.role_names,
            permissions: &user.permissions,
            tenants: &user.user_tenants,
        };
        // Each token is of a session of its own.
        let session = || Session {
            id: ids::session_id(),
            ..session.clone()
        };
        let forge = |_| {
            JwtIssuer {
                issuer: &self.config.issuer,
                keys: &KeySet::new(key.with_new_id()),
            }
            .session_token(&session(), &grants, times)
            .map_err(|error| error.to_string())
        };
        (0..count).map(forge).collect()
    }
}

impl State {
    /// A session as a link by SMS would start it now. It is not one of the project's.
    fn forged_session(&self, user: &User) -> Session {
        let now = self.clock.seconds();
        let ttl = self.settings.project_settings.refresh_token_expiration;
        Session {
            id: ids::session_id(),
            user_id: user.user_id.clone(),
            factors: vec!["sms".to_owned()],
            custom_claims: serde_json::Map::new(),
            tenant: None,
            stepped_up_until: None,
            expires: now.saturating_add(ttl.as_secs()),
            last_active: now,
            rotations: 0,
            is_revoked: false,
        }
    }
}
