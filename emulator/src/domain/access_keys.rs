//! Access keys: programs exchange them for session tokens of their own.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::user::TenantMembership;

/// An access key, without its cleartext.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role_names: Vec<String>,
    pub(crate) tenants: Vec<TenantMembership>,
    /// Claims of the session tokens. The program that exchanges the key cannot replace them.
    pub(crate) custom_claims: Map<String, Value>,
    /// The user whose roles and tenants the key has, instead of its own.
    pub(crate) user_id: Option<String>,
    /// When the key expires, in seconds since 1970; 0 for never.
    pub(crate) expires: u64,
    /// In seconds since 1970.
    pub(crate) created: u64,
}

/// All access keys by their cleartext.
#[derive(Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct AccessKeys(HashMap<String, AccessKey>);

impl AccessKeys {
    pub(super) fn add(&mut self, cleartext: String, key: AccessKey) {
        self.0.insert(cleartext, key);
    }

    pub(super) fn contains(&self, cleartext: &str) -> bool {
        self.0.contains_key(cleartext)
    }

    /// The key with this cleartext, unless it has expired. `now` is in seconds since 1970.
    pub(super) fn find(&self, cleartext: &str, now: u64) -> Option<&AccessKey> {
        let key = self.0.get(cleartext)?;
        (key.expires == 0 || key.expires > now).then_some(key)
    }
}
