//! The part of a project's state that tests read and set as JSON: users, tenants, access keys and settings.

use serde::{Deserialize, Serialize};

use super::{Project, State};
use crate::domain::access_keys::{AccessKeyEntry, AccessKeys};
use crate::domain::settings::{Settings, SettingsPatch};
use crate::domain::tenants::{Tenant, Tenants};
use crate::domain::user::User;
use crate::domain::users::Users;

/// The form that `GET /_emulator/state` returns and `PUT` accepts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Snapshot {
    users: Vec<User>,
    tenants: Vec<Tenant>,
    access_keys: Vec<AccessKeyEntry>,
    settings: Settings,
}

/// What to change. A part that is left out stays as it is. Given users, tenants and access keys replace all
/// existing ones.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SnapshotPatch {
    users: Option<Vec<User>>,
    tenants: Option<Vec<Tenant>>,
    access_keys: Option<Vec<AccessKeyEntry>>,
    settings: Option<SettingsPatch>,
}

impl Project {
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.lock().snapshot()
    }

    /// Replaces parts of the state. If one is invalid, nothing changes, and the error says what is wrong.
    pub(crate) fn restore(&self, patch: SnapshotPatch) -> Result<Snapshot, String> {
        let mut state = self.lock();
        let now = state.clock.seconds();
        let settings = patch.settings.unwrap_or_default();
        let settings = state.settings.clone().apply(settings)?;
        let mark_test_users = |mut users: Vec<User>| {
            for user in &mut users {
                settings.mark_test_user(user);
            }
            users
        };
        let users = patch.users.map(mark_test_users);
        let users = users.map(|users| Users::new(users, now)).transpose()?;
        let tenants = patch.tenants.map(Tenants::new).transpose()?;
        let access_keys = patch.access_keys.map(|keys| AccessKeys::new(keys, now));
        let access_keys = access_keys.transpose()?;
        state.users = users.unwrap_or_else(|| std::mem::take(&mut state.users));
        state.tenants = tenants.unwrap_or_else(|| std::mem::take(&mut state.tenants));
        state.access_keys = access_keys.unwrap_or_else(|| std::mem::take(&mut state.access_keys));
        state.settings = settings;
        Ok(state.snapshot())
    }
}

impl State {
    fn snapshot(&self) -> Snapshot {
        Snapshot {
            users: self.users.list().into_iter().cloned().collect(),
            tenants: self.tenants.list(),
            access_keys: self.access_keys.list(),
            settings: self.settings.clone(),
        }
    }
}
