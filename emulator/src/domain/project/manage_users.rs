//! What the management key allows: creating and deleting users, and test users with links that are not sent.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Project;
use super::send_link::{LoginOptions, link_options};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::project_error::ProjectError;
use crate::domain::user::{TenantMembership, User, UserProfile};

/// A user to create.
pub(crate) struct NewUser {
    /// At least one.
    pub(crate) login_ids: Vec<String>,
    pub(crate) profile: UserProfile,
    pub(crate) test: bool,
    pub(crate) verified_phone: bool,
    pub(crate) verified_email: bool,
    pub(crate) verified_recovery_phone: bool,
    pub(crate) verified_recovery_email: bool,
    pub(crate) role_names: Vec<String>,
    pub(crate) tenants: Vec<TenantMembership>,
    pub(crate) sso_app_ids: Vec<String>,
    pub(crate) custom_attributes: Map<String, Value>,
    /// `None` for the default, `enabled`.
    pub(crate) status: Option<String>,
}

impl Project {
    /// Creates a user, and returns the user and `true`. Nobody is invited. A test user who exists already stays
    /// as they are: then the second value is `false`.
    pub(crate) fn create_user(&self, new: NewUser) -> Result<(User, bool), ProjectError> {
        let mut state = self.lock();
        let existing = new.login_ids.first().filter(|_| new.test);
        let existing = existing.and_then(|login_id| state.users.by_login_id(login_id));
        if let Some(existing) = existing.filter(|user| user.test) {
            return Ok((state.with_tenant_names(existing), false));
        }
        let mut user = User::new("", state.clock.seconds());
        user.login_ids = new.login_ids;
        user.apply_profile(&new.profile);
        user.test = new.test;
        user.verified_phone = new.verified_phone;
        user.verified_email = new.verified_email;
        user.verified_recovery_phone = new.verified_recovery_phone;
        user.verified_recovery_email = new.verified_recovery_email;
        user.role_names = new.role_names;
        user.user_tenants = new.tenants;
        user.sso_app_ids = new.sso_app_ids;
        user.custom_attributes = new.custom_attributes;
        match new.status {
            None => {}
            Some(status) if ["enabled", "disabled", "invited"].contains(&status.as_str()) => {
                user.status = status;
            }
            Some(_) => return Err(ProjectError::InvalidField("The status is unknown")),
        }
        let user = state.add_user(user)?;
        Ok((state.with_tenant_names(&user), true))
    }

    /// Makes a link for a test user and returns it. No message is sent.
    pub(crate) fn generate_test_link(
        &self,
        login_id: &str,
        method: DeliveryMethod,
        redirect_url: Option<&str>,
        options: &LoginOptions,
    ) -> Result<String, ProjectError> {
        let mut state = self.lock();
        state.check_magic_links_enabled()?;
        let redirect_url = state.resolve_redirect(redirect_url)?;
        let user = state.users.by_login_id(login_id).filter(|user| user.test);
        let user = user.ok_or(ProjectError::UserNotFound)?;
        let options = link_options(options, user)?;
        let user_id = user.user_id.clone();
        let (link, _) = state.make_link(user_id, &redirect_url, method, options);
        Ok(link)
    }

    pub(crate) fn delete_user(&self, user_id: &str) -> Result<(), ProjectError> {
        let mut state = self.lock();
        let user = state.users.by_id(user_id);
        let user_id = user
            .ok_or(ProjectError::ManagedUserNotFound)?
            .user_id
            .clone();
        state.remove_users(&HashSet::from([user_id]));
        Ok(())
    }

    pub(crate) fn delete_user_by_login_id(&self, login_id: &str) -> Result<(), ProjectError> {
        let mut state = self.lock();
        let owner = state.users.owner(login_id);
        let user_id = owner.ok_or(ProjectError::ManagedUserNotFound)?.to_owned();
        state.remove_users(&HashSet::from([user_id]));
        Ok(())
    }

    pub(crate) fn delete_test_users(&self) {
        let mut state = self.lock();
        let users = state.users.list().into_iter();
        let test_users: HashSet<String> = users
            .filter(|user| user.test)
            .map(|user| user.user_id.clone())
            .collect();
        state.remove_users(&test_users);
    }
}
