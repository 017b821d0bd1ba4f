//! The users of the project, by user ID and by login ID.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::login_id::normalize_login_id;
use super::user::User;

/// All users of the project. The state file keeps them as a list.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(try_from = "Vec<User>", into = "Vec<User>")]
pub(crate) struct Users {
    by_id: HashMap<String, User>,
    /// The ID of the user who owns each normalized login ID.
    owners: HashMap<String, String>,
}

impl Users {
    /// Creates a table of these users. An error says which user is invalid and why.
    ///
    /// A creation time of 0 becomes `now`, in seconds since 1970.
    pub(crate) fn new(users: Vec<User>, now: u64) -> Result<Users, String> {
        let mut table = Users::default();
        for (number, mut user) in (1..).zip(users) {
            if user.created == 0 {
                user.created = now;
            }
            let empty = user.login_ids.is_empty() || user.login_ids.contains(&String::new());
            if empty || user.user_id.is_empty() {
                return Err(format!(
                    "user {number} has an empty loginId or userId: set both, or leave out userId"
                ));
            }
            if !table.add(user) {
                return Err(format!(
                    "the loginId or userId of user {number} is used by an earlier user: remove one of them"
                ));
            }
        }
        Ok(table)
    }

    /// All users, oldest first.
    pub(crate) fn list(&self) -> Vec<&User> {
        let mut users: Vec<_> = self.by_id.values().collect();
        users.sort_by_key(|user| (user.created, &user.user_id));
        users
    }

    /// The user with this login ID. The punctuation of phone numbers does not matter.
    pub(crate) fn by_login_id(&self, login_id: &str) -> Option<&User> {
        self.by_id.get(self.owner(login_id)?)
    }

    /// The user with this user ID.
    pub(crate) fn by_id(&self, user_id: &str) -> Option<&User> {
        self.by_id.get(user_id)
    }

    /// The same as [`Users::by_id`], but mutable.
    pub(crate) fn by_id_mut(&mut self, user_id: &str) -> Option<&mut User> {
        self.by_id.get_mut(user_id)
    }

    /// Whether a login ID belongs to another user than this one.
    pub(crate) fn belongs_to_other_user(&self, login_id: &str, user_id: &str) -> bool {
        self.owner(login_id).is_some_and(|owner| owner != user_id)
    }

    /// The ID of the user who has this login ID.
    pub(crate) fn owner(&self, login_id: &str) -> Option<&str> {
        self.owners
            .get(&normalize_login_id(login_id))
            .map(String::as_str)
    }

    /// Removes a user.
    pub(crate) fn remove(&mut self, user_id: &str) -> Option<User> {
        let user = self.by_id.remove(user_id)?;
        for login_id in &user.login_ids {
            self.owners.remove(&normalize_login_id(login_id));
        }
        Some(user)
    }

    /// Puts a removed user back. No other user may have one of its login IDs.
    pub(crate) fn put_back(&mut self, user: User) {
        for login_id in &user.login_ids {
            self.owners
                .insert(normalize_login_id(login_id), user.user_id.clone());
        }
        self.by_id.insert(user.user_id.clone(), user);
    }

    /// Adds a user, unless a login ID or the user ID is taken. Returns whether the user was added.
    #[must_use]
    pub(crate) fn add(&mut self, user: User) -> bool {
        let ids: Vec<String> = user
            .login_ids
            .iter()
            .map(|id| normalize_login_id(id))
            .collect();
        if self.by_id.contains_key(&user.user_id)
            || ids.iter().any(|id| self.owners.contains_key(id))
        {
            return false;
        }
        let owned = ids.into_iter().map(|id| (id, user.user_id.clone()));
        self.owners.extend(owned);
        self.by_id.insert(user.user_id.clone(), user);
        true
    }
}

impl From<Users> for Vec<User> {
    fn from(users: Users) -> Vec<User> {
        users.list().into_iter().cloned().collect()
    }
}

impl TryFrom<Vec<User>> for Users {
    type Error = String;

    fn try_from(users: Vec<User>) -> Result<Users, String> {
        Users::new(users, 0)
    }
}
