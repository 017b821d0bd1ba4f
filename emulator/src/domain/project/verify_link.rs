//! Verifying a link: its token, which works once, becomes a session. A link to a new address also
//! changes the user's address, and may merge two users.

use std::collections::HashSet;
use std::time::Duration;

use super::session_operations::IssuedSession;
use super::{Project, State};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::ids;
use crate::domain::links::{Link, NewAddress};
use crate::domain::login_id::same_login_id;
use crate::domain::project_error::ProjectError;
use crate::domain::sessions::Session;

impl Project {
    /// Uses a link up and starts a session.
    pub(crate) fn verify_link(&self, token: &str) -> Result<IssuedSession, ProjectError> {
        let mut state = self.lock();
        let link = state.take_link(token)?;
        state.apply_new_address(&link)?;
        let user = state.users.by_id_mut(&link.user_id);
        let user = user.ok_or(ProjectError::InvalidLinkToken)?;
        if let Some(method) = link.method {
            user.mark_verified(method, link.options.recovery);
        }
        let first_seen = user.mark_seen();
        let user = user.clone();
        let session = state.start_session(link);
        drop(state);
        self.issue(session, user, first_seen)
    }
}

impl State {
    /// Removes the link with this token. It must not have expired, and its user must be enabled.
    fn take_link(&mut self, token: &str) -> Result<Link, ProjectError> {
        // A link that a disabled method rejects is not used up.
        match self.links.get(token).map(|link| link.method) {
            Some(Some(_)) => self.check_magic_links_enabled()?,
            Some(None) => self.check_embedded_links_enabled()?,
            None => {}
        }
        let now = self.clock.now();
        let link = self.links.take(token, now);
        let link = link.ok_or(ProjectError::InvalidLinkToken)?;
        let user = self.users.by_id(&link.user_id);
        match user.is_some_and(|user| user.is_enabled()) {
            true => Ok(link),
            false => Err(ProjectError::InvalidLinkToken),
        }
    }

    fn apply_new_address(&mut self, link: &Link) -> Result<(), ProjectError> {
        let (Some(new), Some(method)) = (&link.options.new_address, link.method) else {
            return Ok(());
        };
        // Another user may have taken the address after the link was requested.
        let is_taken = self
            .users
            .belongs_to_other_user(&new.address, &link.user_id);
        if new.fail_on_conflict && is_taken {
            return Err(ProjectError::UpdateConflict);
        }
        self.change_address(&link.user_id, method, new);
        Ok(())
    }

    /// Starts the session of a verified link.
    fn start_session(&mut self, link: Link) -> Session {
        let now = self.clock.seconds();
        let settings = &self.settings.project_settings;
        let after = |time: Duration| now.saturating_add(time.as_secs());
        let factor = link.factor();
        let options = link.options;
        let mut factors = options.earlier_factors;
        factors.retain(|earlier| earlier != factor && earlier != "mfa");
        factors.push(factor.to_owned());
        factors.extend(options.mfa.then(|| "mfa".to_owned()));
        let session = Session {
            id: ids::session_id(),
            user_id: link.user_id,
            factors,
            custom_claims: options.custom_claims,
            tenant: options.tenant,
            stepped_up_until: options
                .stepup
                .then(|| after(settings.step_up_token_expiration)),
            expires: after(settings.refresh_token_expiration),
            last_active: now,
            rotations: 0,
            is_revoked: false,
        };
        if let Some(types) = options.revoke {
            self.sessions.revoke(&session.user_id, &types);
        }
        self.sessions.add(session.clone(), now);
        // The confirmation of a new address is not a sign-in.
        if options.new_address.is_none() {
            self.sessions.record_sign_in(&session, now);
        }
        session
    }

    /// Gives a user a new address. If the old address is a login ID, the new one replaces it; the user ID
    /// stays. Another user with that login ID is merged into this one.
    fn change_address(&mut self, user_id: &str, method: DeliveryMethod, new: &NewAddress) {
        let Some(mut user) = self.users.remove(user_id) else {
            return;
        };
        let address = &new.address;
        let old = user.address(method).map(str::to_owned);
        let is_old = |id: &String| old.as_deref().is_some_and(|old| same_login_id(id, old));
        let old_position = user.login_ids.iter().position(is_old);
        let becomes_login_id = old_position.is_some() || new.add_to_login_ids;
        let owner = self.users.owner(address).map(str::to_owned);
        if let (true, Some(other_id)) = (becomes_login_id, owner) {
            if let Some(other) = self.users.remove(&other_id) {
                user.merge(other, new.on_merge_use_existing);
            }
            self.sessions.reassign(&other_id, user_id);
            self.links.remove_of(&HashSet::from([other_id]));
        }
        // `add_to_login_ids` keeps the old login ID; otherwise the new address replaces it.
        match old_position.filter(|_| !new.add_to_login_ids) {
            Some(position) => {
                if let Some(id) = user.login_ids.get_mut(position) {
                    address.clone_into(id);
                }
            }
            None if becomes_login_id => user.login_ids.push(address.clone()),
            None => {}
        }
        user.remove_duplicate_login_ids();
        user.set_address(method, address);
        self.users.put_back(user);
    }
}
