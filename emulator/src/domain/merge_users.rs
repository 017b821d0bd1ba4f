//! Merging two users: what the remaining user takes over from the other one.
//!
//! No documentation says which data win; the rules here are the emulator's choice.

use super::login_id::same_login_id;
use super::user::User;

impl User {
    /// Merges another user into this one. The result has the login IDs, roles, permissions, apps and
    /// tenants of both. In a tenant of both, this user's roles and permissions stay. For all other fields,
    /// this user's value wins unless `other_wins` is true. A missing value never wins.
    pub(super) fn merge(&mut self, other: User, other_wins: bool) {
        let texts = [
            (&mut self.name, other.name),
            (&mut self.given_name, other.given_name),
            (&mut self.middle_name, other.middle_name),
            (&mut self.family_name, other.family_name),
            (&mut self.picture, other.picture),
        ];
        let takes = |own: &str, theirs: &str| !theirs.is_empty() && (other_wins || own.is_empty());
        for (own, theirs) in texts {
            if takes(own, &theirs) {
                *own = theirs;
            }
        }
        // A verification belongs to one address and moves only together with it.
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
        for ((own, own_is_verified), (theirs, theirs_is_verified)) in addresses {
            if same_login_id(own, &theirs) {
                *own_is_verified |= theirs_is_verified;
            } else if takes(own, &theirs) {
                *own = theirs;
                *own_is_verified = theirs_is_verified;
            }
        }
        self.login_ids.extend(other.login_ids);
        for (own, theirs) in [
            (&mut self.role_names, other.role_names),
            (&mut self.permissions, other.permissions),
            (&mut self.sso_app_ids, other.sso_app_ids),
        ] {
            for name in theirs {
                if !own.contains(&name) {
                    own.push(name);
                }
            }
        }
        self.seen |= other.seen;
        for tenant in other.user_tenants {
            if self.membership(&tenant.tenant_id).is_none() {
                self.user_tenants.push(tenant);
            }
        }
        for (key, value) in other.custom_attributes {
            if other_wins || !self.custom_attributes.contains_key(&key) {
                self.custom_attributes.insert(key, value);
            }
        }
    }
}
