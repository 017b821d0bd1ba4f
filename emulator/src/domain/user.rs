//! A user and the user's memberships in tenants.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::delivery_method::DeliveryMethod;
use super::ids;
use super::login_id::same_login_id;

/// A user. In a seed file and in `PUT /_emulator/state`, only `loginId` is required.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct User {
    #[serde(
        rename(deserialize = "loginId"),
        alias = "loginIds",
        deserialize_with = "one_or_many"
    )]
    pub(crate) login_ids: Vec<String>,
    #[serde(default = "ids::user_id")]
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
    pub(crate) user_tenants: Vec<TenantMembership>,
    #[serde(default)]
    pub(crate) sso_app_ids: Vec<String>,
    #[serde(default)]
    pub(crate) custom_attributes: Map<String, Value>,
    #[serde(default)]
    pub(crate) picture: String,
    /// Only a user whose status is `enabled` can sign in.
    #[serde(default = "enabled")]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) test: bool,
    /// Whether a link of this user was verified before.
    #[serde(default)]
    pub(crate) seen: bool,
    /// In seconds since 1970. In a seed file, 0 stands for now.
    #[serde(default, rename = "createdTime")]
    pub(crate) created: u64,
}

/// A user's membership in a tenant.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TenantMembership {
    pub(crate) tenant_id: String,
    #[serde(default)]
    pub(crate) tenant_name: String,
    #[serde(default)]
    pub(crate) role_names: Vec<String>,
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
}

/// The fields of a user that a request can set. `None` means that the request does not set the field.
pub(crate) struct UserProfile {
    pub(crate) name: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) middle_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) recovery_email: Option<String>,
    pub(crate) recovery_phone: Option<String>,
    pub(crate) picture: Option<String>,
}

impl User {
    /// Creates a user with this login ID.
    pub(crate) fn new(login_id: &str, now: u64) -> User {
        User {
            login_ids: vec![login_id.to_owned()],
            user_id: ids::user_id(),
            created: now,
            status: enabled(),
            ..User::default()
        }
    }

    /// The address that this method delivers to: the user's phone or email or, if that is not set, a
    /// login ID that the method can reach.
    pub(crate) fn address(&self, method: DeliveryMethod) -> Option<&str> {
        let own = match method {
            DeliveryMethod::Email => &self.email,
            DeliveryMethod::Sms | DeliveryMethod::Whatsapp => &self.phone,
        };
        let ids = self.login_ids.iter();
        let mut addresses = std::iter::once(own).chain(ids).map(String::as_str);
        addresses.find(|address| method.can_reach(address))
    }

    /// The recovery address that this method delivers to, for a user who lost the usual one.
    pub(crate) fn recovery_address(&self, method: DeliveryMethod) -> Option<&str> {
        let address = match method {
            DeliveryMethod::Email => self.recovery_email.as_str(),
            DeliveryMethod::Sms | DeliveryMethod::Whatsapp => self.recovery_phone.as_str(),
        };
        Some(address).filter(|address| method.can_reach(address))
    }

    /// Sets the fields that the profile sets.
    pub(crate) fn apply_profile(&mut self, profile: &UserProfile) {
        for (field, value) in [
            (&mut self.name, &profile.name),
            (&mut self.given_name, &profile.given_name),
            (&mut self.middle_name, &profile.middle_name),
            (&mut self.family_name, &profile.family_name),
            (&mut self.email, &profile.email),
            (&mut self.phone, &profile.phone),
            (&mut self.recovery_email, &profile.recovery_email),
            (&mut self.recovery_phone, &profile.recovery_phone),
            (&mut self.picture, &profile.picture),
        ] {
            if let Some(value) = value {
                value.clone_into(field);
            }
        }
    }

    /// Removes login IDs that are the same as an earlier one.
    pub(super) fn remove_duplicate_login_ids(&mut self) {
        let mut kept: Vec<String> = Vec::new();
        for id in std::mem::take(&mut self.login_ids) {
            if !kept.iter().any(|known| same_login_id(known, &id)) {
                kept.push(id);
            }
        }
        self.login_ids = kept;
    }

    /// Sets the address that this method delivers to.
    pub(crate) fn set_address(&mut self, method: DeliveryMethod, address: &str) {
        match method {
            DeliveryMethod::Email => address.clone_into(&mut self.email),
            DeliveryMethod::Sms | DeliveryMethod::Whatsapp => address.clone_into(&mut self.phone),
        }
    }

    /// Whether the user can sign in.
    pub(crate) fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }

    /// The user's membership in this tenant, if there is one.
    pub(crate) fn membership(&self, id: &str) -> Option<&TenantMembership> {
        self.user_tenants
            .iter()
            .find(|tenant| tenant.tenant_id == id)
    }

    /// Notes that a link of this user was verified. Returns whether it is the first one.
    pub(crate) fn mark_seen(&mut self) -> bool {
        !std::mem::replace(&mut self.seen, true)
    }

    /// Marks the address that a verified link was sent to as verified.
    pub(crate) fn mark_verified(&mut self, method: DeliveryMethod, recovery: bool) {
        let verified = match (method, recovery) {
            (DeliveryMethod::Email, false) => &mut self.verified_email,
            (DeliveryMethod::Email, true) => &mut self.verified_recovery_email,
            (DeliveryMethod::Sms | DeliveryMethod::Whatsapp, false) => &mut self.verified_phone,
            (DeliveryMethod::Sms | DeliveryMethod::Whatsapp, true) => {
                &mut self.verified_recovery_phone
            }
        };
        *verified = true;
    }

    /// The user in the form that responses of the API have.
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

fn enabled() -> String {
    "enabled".to_owned()
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a login ID is a string, or a list of strings")]
    enum LoginIds {
        One(String),
        Many(Vec<String>),
    }
    Ok(match LoginIds::deserialize(deserializer)? {
        LoginIds::One(login_id) => vec![login_id],
        LoginIds::Many(login_ids) => login_ids,
    })
}
