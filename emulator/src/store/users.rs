//! The users of the project.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::id;
use crate::method::Method;

/// A user. As a seed, only `loginId` is required.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct User {
    #[serde(
        rename(deserialize = "loginId"),
        alias = "loginIds",
        deserialize_with = "one_or_more"
    )]
    pub(crate) login_ids: Vec<String>,
    #[serde(default = "id::user")]
    pub(crate) user_id: String,
    #[serde(default)]
    pub(crate) phone: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) given_name: String,
    #[serde(default)]
    pub(crate) middle_name: String,
    #[serde(default)]
    pub(crate) family_name: String,
    #[serde(default)]
    pub(crate) verified_phone: bool,
    #[serde(default)]
    pub(crate) verified_email: bool,
    #[serde(default)]
    pub(crate) recovery_phone: String,
    #[serde(default)]
    pub(crate) recovery_email: String,
    #[serde(default)]
    pub(crate) verified_recovery_phone: bool,
    #[serde(default)]
    pub(crate) verified_recovery_email: bool,
    #[serde(default)]
    pub(crate) role_names: Vec<String>,
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    #[serde(default)]
    pub(crate) user_tenants: Vec<Membership>,
    #[serde(default)]
    pub(crate) sso_app_ids: Vec<String>,
    #[serde(default)]
    pub(crate) custom_attributes: Map<String, Value>,
    #[serde(default)]
    pub(crate) picture: String,
    /// Whoever is not `enabled` cannot sign in.
    #[serde(default = "enabled")]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) test: bool,
    /// Whether a link of this user has been verified before.
    #[serde(default)]
    pub(crate) seen: bool,
    /// When, in seconds since 1970; as a seed, 0 stands for now.
    #[serde(default, rename = "createdTime")]
    pub(crate) created: u64,
}

/// A tenant that a user is in.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Membership {
    pub(crate) tenant_id: String,
    #[serde(default)]
    pub(crate) tenant_name: String,
    #[serde(default)]
    pub(crate) role_names: Vec<String>,
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
}

/// All users.
#[derive(Clone, Default)]
pub(crate) struct Users {
    by_id: HashMap<String, User>,
    /// Whose a login ID is; the login IDs in the form in which they are compared.
    owners: HashMap<String, String>,
}

impl User {
    /// A new user with this login ID.
    pub(crate) fn new(login_id: &str, now: u64) -> User {
        User {
            login_ids: vec![login_id.to_owned()],
            user_id: id::user(),
            created: now,
            status: enabled(),
            ..User::default()
        }
    }

    /// Where a message of this kind goes: the user's own address or, without one, a login ID that is
    /// one.
    pub(crate) fn address(&self, method: Method) -> Option<&str> {
        let own = match method {
            Method::Email => &self.email,
            Method::Sms | Method::Whatsapp => &self.phone,
        };
        let ids = self.login_ids.iter();
        let mut addresses = std::iter::once(own).chain(ids).map(String::as_str);
        addresses.find(|address| method.reaches(address))
    }

    /// Where a message of this kind goes for a user who has lost the usual address.
    pub(crate) fn recovery_address(&self, method: Method) -> Option<&str> {
        let address = match method {
            Method::Email => self.recovery_email.as_str(),
            Method::Sms | Method::Whatsapp => self.recovery_phone.as_str(),
        };
        Some(address).filter(|address| method.reaches(address))
    }

    /// Whether the user may sign in.
    pub(crate) fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }

    /// The tenant with this ID, if the user is in it.
    pub(crate) fn tenant(&self, id: &str) -> Option<&Membership> {
        self.user_tenants
            .iter()
            .find(|tenant| tenant.tenant_id == id)
    }

    /// Notes that the user has followed a link that came this way; whether it is the first one.
    pub(crate) fn followed_link(&mut self, method: Method, recovery: bool) -> bool {
        let proved = match (method, recovery) {
            (Method::Email, false) => &mut self.verified_email,
            (Method::Email, true) => &mut self.verified_recovery_email,
            (Method::Sms | Method::Whatsapp, false) => &mut self.verified_phone,
            (Method::Sms | Method::Whatsapp, true) => &mut self.verified_recovery_phone,
        };
        *proved = true;
        !std::mem::replace(&mut self.seen, true)
    }

    /// The user as the API shows one.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "loginIds": self.login_ids,
            "userId": self.user_id,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "verifiedEmail": self.verified_email,
            "verifiedPhone": self.verified_phone,
            "roleNames": self.role_names,
            "userTenants": self.user_tenants,
            "status": self.status,
            "externalIds": self.login_ids,
            "picture": self.picture,
            "test": self.test,
            "customAttributes": self.custom_attributes,
            "createdTime": self.created,
            "TOTP": false,
            "SAML": false,
            "SCIM": false,
            "OIDC": false,
            "webauthn": false,
            "password": false,
            "push": false,
            "OAuth": {},
            "ssoAppIds": self.sso_app_ids,
            "givenName": self.given_name,
            "middleName": self.middle_name,
            "familyName": self.family_name,
            "editable": true,
            "permissions": self.permissions,
            "consentExpiration": 0,
            "recoveryEmail": self.recovery_email,
            "verifiedRecoveryEmail": self.verified_recovery_email,
            "recoveryPhone": self.recovery_phone,
            "verifiedRecoveryPhone": self.verified_recovery_phone,
        })
    }
}

impl Users {
    /// Reads a seed file: a JSON array of users.
    pub(crate) fn read(path: &Path, now: u64) -> Result<Users, Error> {
        let problem = |problem: String| Error::Seed {
            path: path.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(|e| problem(e.to_string()))?;
        let seeds: Vec<User> = serde_json::from_str(&text).map_err(|e| {
            problem(format!(
                r#"{e}: it must hold users such as [{{"loginId": "+14155550123"}}]"#
            ))
        })?;
        Users::new(seeds, now).map_err(problem)
    }

    /// All of these users; a problem says which of them cannot be and why.
    pub(crate) fn new(seeds: Vec<User>, now: u64) -> Result<Users, String> {
        let mut users = Users::default();
        for (number, mut user) in (1..).zip(seeds) {
            if user.created == 0 {
                user.created = now;
            }
            let empty = user.login_ids.is_empty() || user.login_ids.contains(&String::new());
            if empty || user.user_id.is_empty() {
                return Err(format!(
                    "user {number} has an empty loginId or userId: give it one"
                ));
            }
            if !users.add(user) {
                return Err(format!(
                    "the loginId or userId of user {number} is there twice: keep one of them"
                ));
            }
        }
        Ok(users)
    }

    /// All users, the oldest first.
    pub(crate) fn list(&self) -> Vec<&User> {
        let mut users: Vec<_> = self.by_id.values().collect();
        users.sort_by_key(|user| (user.created, &user.user_id));
        users
    }

    /// The user with this login ID; phone numbers are the same however they are punctuated.
    pub(crate) fn find(&mut self, login_id: &str) -> Option<&mut User> {
        let owner = self.owners.get(&comparable(login_id))?;
        self.by_id.get_mut(owner)
    }

    /// The user with this user ID.
    pub(crate) fn by_id(&mut self, user_id: &str) -> Option<&mut User> {
        self.by_id.get_mut(user_id)
    }

    /// Whose login ID an address is.
    pub(crate) fn owner(&self, login_id: &str) -> Option<&str> {
        self.owners.get(&comparable(login_id)).map(String::as_str)
    }

    /// Takes a user out.
    pub(crate) fn remove(&mut self, user_id: &str) -> Option<User> {
        let user = self.by_id.remove(user_id)?;
        for login_id in &user.login_ids {
            self.owners.remove(&comparable(login_id));
        }
        Some(user)
    }

    /// Puts a user back in who was taken out and has login IDs that are free.
    pub(super) fn put(&mut self, user: User) {
        for login_id in &user.login_ids {
            self.owners
                .insert(comparable(login_id), user.user_id.clone());
        }
        self.by_id.insert(user.user_id.clone(), user);
    }

    /// Adds a user, unless one of the login IDs or the user ID is taken; whether it was added.
    #[must_use]
    pub(crate) fn add(&mut self, user: User) -> bool {
        let ids: Vec<String> = user.login_ids.iter().map(|id| comparable(id)).collect();
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

/// Whether two login IDs are the same: letter for letter, or as phone numbers.
pub(crate) fn same_address(one: &str, other: &str) -> bool {
    comparable(one) == comparable(other)
}

/// A login ID in the one form that is the same for all its spellings.
fn comparable(login_id: &str) -> String {
    match phone(login_id) {
        Some(digits) => format!("+{digits}"),
        None => login_id.to_owned(),
    }
}

/// A phone number without its punctuation; `None` for what is no international number.
fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plain = text.chars().all(is_part_of_a_number);
    (text.starts_with('+') && plain && digits.len() >= 4).then_some(digits)
}

pub(crate) fn is_part_of_a_number(c: char) -> bool {
    c.is_ascii_digit() || "+-(). ".contains(c)
}

fn enabled() -> String {
    "enabled".to_owned()
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a login ID is a string, or a list of strings")]
    enum LoginIds {
        One(String),
        More(Vec<String>),
    }
    Ok(match LoginIds::deserialize(deserializer)? {
        LoginIds::One(login_id) => vec![login_id],
        LoginIds::More(login_ids) => login_ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_compared_by_their_digits() {
        assert!(same_address("+14155550123", "+1 (415) 555-0123"));
        assert!(!same_address("+14155550123", "+14155550124"));
        assert!(!same_address("ada", "Ada"));
        assert!(!same_address("14155550123", "+14155550123"));
    }
}
