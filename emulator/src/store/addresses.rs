//! A new address for a user, and what becomes of another user who has it.

use std::collections::HashSet;

use super::users::{User, same_address};
use super::{State, Update};
use crate::method::Method;

impl State {
    /// Whether an address is the login ID of somebody else than this user.
    pub(crate) fn is_anothers(&self, user_id: &str, address: &str) -> bool {
        self.users
            .owner(address)
            .is_some_and(|owner| owner != user_id)
    }

    /// Gives a user the address that a followed link has proved. The address that is a login ID is
    /// renamed with it; the user ID stays. Another user with that login ID is merged into this one.
    pub(crate) fn change_address(&mut self, user_id: &str, method: Method, update: &Update) {
        let Some(mut user) = self.users.remove(user_id) else {
            return;
        };
        let address = &update.address;
        let old = user.address(method).map(str::to_owned);
        let is_login_id = |id: &String| old.as_deref().is_some_and(|old| same_address(id, old));
        let renamed = user.login_ids.iter().position(is_login_id);
        let joins = renamed.is_some() || update.add_to_login_ids;
        if let (true, Some(other)) = (joins, self.users.owner(address).map(str::to_owned)) {
            if let Some(other_user) = self.users.remove(&other) {
                user.merge(other_user, update.on_merge_use_existing);
            }
            self.sessions.hand_over(&other, user_id);
            self.links.forget(&HashSet::from([other]));
        }
        // Adding keeps the old login ID; otherwise the new address takes its place.
        match renamed.filter(|_| !update.add_to_login_ids) {
            Some(place) => {
                if let Some(id) = user.login_ids.get_mut(place) {
                    address.clone_into(id);
                }
            }
            None if joins => user.login_ids.push(address.clone()),
            None => {}
        }
        let mut kept: Vec<String> = Vec::new();
        for id in std::mem::take(&mut user.login_ids) {
            if !kept.iter().any(|known| same_address(known, &id)) {
                kept.push(id);
            }
        }
        user.login_ids = kept;
        match method {
            Method::Email => address.clone_into(&mut user.email),
            Method::Sms | Method::Whatsapp => address.clone_into(&mut user.phone),
        }
        self.users.put(user);
    }
}

impl User {
    /// Takes over what another record of the same person has: what is missing here or, if its data are
    /// to win, all that it says.
    fn merge(&mut self, other: User, its_data_win: bool) {
        let texts = [
            (&mut self.name, other.name),
            (&mut self.given_name, other.given_name),
            (&mut self.middle_name, other.middle_name),
            (&mut self.family_name, other.family_name),
            (&mut self.picture, other.picture),
        ];
        let is_taken = |own: &str, its: &str| !its.is_empty() && (its_data_win || own.is_empty());
        for (own, its) in texts {
            if is_taken(own, &its) {
                *own = its;
            }
        }
        // Whether an address is verified is said of that address alone.
        let addresses = [
            (
                (&mut self.email, &mut self.verified_email),
                (other.email, other.verified_email),
            ),
            (
                (&mut self.phone, &mut self.verified_phone),
                (other.phone, other.verified_phone),
            ),
            (
                (&mut self.recovery_email, &mut self.verified_recovery_email),
                (other.recovery_email, other.verified_recovery_email),
            ),
            (
                (&mut self.recovery_phone, &mut self.verified_recovery_phone),
                (other.recovery_phone, other.verified_recovery_phone),
            ),
        ];
        for ((own, own_is_verified), (its, its_is_verified)) in addresses {
            if same_address(own, &its) {
                *own_is_verified |= its_is_verified;
            } else if is_taken(own, &its) {
                *own = its;
                *own_is_verified = its_is_verified;
            }
        }
        self.login_ids.extend(other.login_ids);
        for (own, its) in [
            (&mut self.role_names, other.role_names),
            (&mut self.permissions, other.permissions),
            (&mut self.sso_app_ids, other.sso_app_ids),
        ] {
            for name in its {
                if !own.contains(&name) {
                    own.push(name);
                }
            }
        }
        self.seen |= other.seen;
        for tenant in other.user_tenants {
            if self.tenant(&tenant.tenant_id).is_none() {
                self.user_tenants.push(tenant);
            }
        }
        for (key, value) in other.custom_attributes {
            if its_data_win || !self.custom_attributes.contains_key(&key) {
                self.custom_attributes.insert(key, value);
            }
        }
    }
}
