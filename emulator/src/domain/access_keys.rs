//! Access keys: programs exchange them for session tokens of their own.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids;
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

/// An access key with its cleartext, as `/_emulator/state` has it. All fields are optional there.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccessKeyEntry {
    #[serde(default = "ids::access_key")]
    cleartext: String,
    #[serde(default = "ids::access_key_id")]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role_names: Vec<String>,
    #[serde(default)]
    key_tenants: Vec<TenantMembership>,
    #[serde(default)]
    custom_claims: Map<String, Value>,
    #[serde(default)]
    user_id: Option<String>,
    /// In seconds since 1970; 0 for never.
    #[serde(default)]
    expire_time: u64,
    /// In seconds since 1970; 0 stands for now.
    #[serde(default)]
    created_time: u64,
}

/// All access keys by their cleartext.
#[derive(Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct AccessKeys(HashMap<String, AccessKey>);

impl AccessKeys {
    /// An error says which key is invalid and why. `now` is in seconds since 1970.
    pub(super) fn new(entries: Vec<AccessKeyEntry>, now: u64) -> Result<AccessKeys, String> {
        let mut keys = AccessKeys::default();
        for (number, entry) in (1..).zip(entries) {
            // A bearer is split at its colons.
            if entry.cleartext.is_empty() || entry.cleartext.contains(':') {
                return Err(format!(
                    "the cleartext of access key {number} is empty or has a colon: leave it out for a random one"
                ));
            }
            if keys.contains(&entry.cleartext) {
                return Err(format!(
                    "access key {number} has the cleartext of an earlier one: remove one of them"
                ));
            }
            let key = AccessKey {
                id: entry.id,
                name: entry.name,
                role_names: entry.role_names,
                tenants: entry.key_tenants,
                custom_claims: entry.custom_claims,
                user_id: entry.user_id,
                expires: entry.expire_time,
                created: match entry.created_time {
                    0 => now,
                    time => time,
                },
            };
            keys.add(entry.cleartext, key);
        }
        Ok(keys)
    }

    /// All keys, oldest first.
    pub(super) fn list(&self) -> Vec<AccessKeyEntry> {
        let entries = self.0.iter().map(|(cleartext, key)| {
            let key = key.clone();
            AccessKeyEntry {
                cleartext: cleartext.clone(),
                id: key.id,
                name: key.name,
                role_names: key.role_names,
                key_tenants: key.tenants,
                custom_claims: key.custom_claims,
                user_id: key.user_id,
                expire_time: key.expires,
                created_time: key.created,
            }
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|a, b| (a.created_time, &a.id).cmp(&(b.created_time, &b.id)));
        entries
    }

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
