//! Finding users with the management key.

use super::{Project, State};
use crate::domain::login_id::same_login_id;
use crate::domain::project_error::ProjectError;
use crate::domain::user::User;

/// Which users a search returns. An empty list matches all of them.
pub(crate) struct UserSearch {
    pub(crate) login_ids: Vec<String>,
    pub(crate) user_ids: Vec<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) phones: Vec<String>,
    pub(crate) tenant_ids: Vec<String>,
    pub(crate) role_names: Vec<String>,
    pub(crate) statuses: Vec<String>,
    /// A part of a login ID, a name or an address; case does not matter.
    pub(crate) text: Option<String>,
    pub(crate) test_users: TestUsers,
    /// How many users a page has; 0 for the default.
    pub(crate) limit: u64,
    /// The number of the page. The first one is 0.
    pub(crate) page: u64,
}

/// Whether a search returns test users.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestUsers {
    Excluded,
    Included,
    Only,
}

/// How many users a page has by default.
const DEFAULT_LIMIT: u64 = 100;

impl Project {
    pub(crate) fn load_user(&self, user_id: &str) -> Result<User, ProjectError> {
        let state = self.lock();
        let user = state.users.by_id(user_id);
        let user = user.ok_or(ProjectError::ManagedUserNotFound)?;
        Ok(state.with_tenant_names(user))
    }

    pub(crate) fn load_user_by_login_id(&self, login_id: &str) -> Result<User, ProjectError> {
        let state = self.lock();
        let user = state.users.by_login_id(login_id);
        let user = user.ok_or(ProjectError::ManagedUserNotFound)?;
        Ok(state.with_tenant_names(user))
    }

    /// A page of the users that a search matches, oldest first, and how many it matches in all.
    pub(crate) fn search_users(&self, search: &UserSearch) -> (Vec<User>, usize) {
        let state = self.lock();
        let mut found = state.users.list();
        found.retain(|user| search.matches(user));
        let limit = match search.limit {
            0 => DEFAULT_LIMIT,
            limit => limit,
        };
        let as_size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = found
            .iter()
            .skip(as_size(search.page.saturating_mul(limit)))
            .take(as_size(limit));
        let page = page.map(|user| state.with_tenant_names(user)).collect();
        (page, found.len())
    }
}

impl UserSearch {
    fn matches(&self, user: &User) -> bool {
        let is_of_kind = match self.test_users {
            TestUsers::Excluded => !user.test,
            TestUsers::Included => true,
            TestUsers::Only => user.test,
        };
        is_of_kind
            && matches_any(&self.login_ids, &user.login_ids)
            && matches_any(&self.user_ids, std::slice::from_ref(&user.user_id))
            && matches_any(&self.emails, std::slice::from_ref(&user.email))
            && matches_any(&self.phones, std::slice::from_ref(&user.phone))
            && matches_any(&self.statuses, std::slice::from_ref(&user.status))
            && matches_any(&self.role_names, &user.role_names)
            && (self.tenant_ids.is_empty()
                || self
                    .tenant_ids
                    .iter()
                    .any(|id| user.membership(id).is_some()))
            && self.text.as_deref().is_none_or(|text| contains(user, text))
    }
}

/// Whether one of the wanted values is among those of a user.
fn matches_any(wanted: &[String], values: &[String]) -> bool {
    let is_wanted = |value: &String| wanted.iter().any(|one| same_login_id(one, value));
    wanted.is_empty() || values.iter().any(is_wanted)
}

fn contains(user: &User, text: &str) -> bool {
    let text = text.to_lowercase();
    let fields = [&user.name, &user.email, &user.phone, &user.user_id];
    let mut texts = user.login_ids.iter().chain(fields);
    texts.any(|field| field.to_lowercase().contains(&text))
}

impl State {
    /// The user with the names of the tenants, as the project has them.
    pub(super) fn with_tenant_names(&self, user: &User) -> User {
        let mut user = user.clone();
        for membership in &mut user.user_tenants {
            if let Some(tenant) = self.tenants.by_id(&membership.tenant_id) {
                membership.tenant_name.clone_from(&tenant.name);
            }
        }
        user
    }
}
