//! The tenants of the project. Users can also be in tenants that are not listed here: these have no name.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tenant. In `PUT /_emulator/state`, only `id` is required.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) custom_attributes: Map<String, Value>,
}

/// All tenants, in the given order.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Tenants(Vec<Tenant>);

impl Tenants {
    /// An error says which tenant is invalid and why.
    pub(super) fn new(tenants: Vec<Tenant>) -> Result<Tenants, String> {
        for (index, tenant) in tenants.iter().enumerate() {
            let mut earlier = tenants.iter().take(index);
            let problem = match earlier.any(|one| one.id == tenant.id) {
                _ if tenant.id.is_empty() => "has an empty id: set it",
                true => "has the id of an earlier tenant: remove one of them",
                false => continue,
            };
            return Err(format!("tenant {} {problem}", index + 1));
        }
        Ok(Tenants(tenants))
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Tenant> {
        self.0.iter().find(|tenant| tenant.id == id)
    }

    pub(super) fn list(&self) -> Vec<Tenant> {
        self.0.clone()
    }
}
