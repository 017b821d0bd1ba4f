//! The project that the emulator plays. Its operations are in the files of this folder.
//!
//! Everything that can change is in one [`State`] behind one lock: an operation sees and changes it as a
//! whole, and a reset replaces it as a whole.

mod access_keys;
mod authentication;
mod embedded_links;
mod find_users;
mod forge;
mod manage_users;
mod saved_project;
mod send_link;
mod session_operations;
mod sign_in;
mod snapshot;
mod update_address;
mod verify_link;

use std::collections::HashSet;
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::access_keys::AccessKeys;
use super::clock::{Clock, ClockReading};
use super::key_set::KeySet;
use super::links::Links;
use super::messages::{Message, Messages};
use super::sessions::Sessions;
use super::settings::{Settings, SettingsPatch};
use super::signing_key::{Algorithm, SigningKey};
use super::tenants::Tenants;
use super::users::Users;
use super::versioned::{Guard, Versioned};
use crate::error::Error;

pub(crate) use access_keys::{AccessKeyOptions, NewAccessKey};
pub(crate) use authentication::{Caller, Credentials};
pub(crate) use embedded_links::EmbeddedSignUpRequest;
pub(crate) use find_users::{TestUsers, UserSearch};
pub(crate) use manage_users::NewUser;
pub(crate) use saved_project::SavedProject;
pub(crate) use send_link::LoginOptions;
pub(crate) use session_operations::{IssuedSession, TenantSelection};
pub(crate) use sign_in::{SignInRequest, SignUpRequest};
pub(crate) use snapshot::{Snapshot, SnapshotPatch};
pub(crate) use update_address::UpdateAddressRequest;

/// What a project is made of when the emulator starts.
#[derive(Clone)]
pub(crate) struct ProjectConfig {
    pub(crate) id: String,
    pub(crate) management_key: String,
    /// The `iss` of its tokens.
    pub(crate) issuer: String,
    /// The page of the emulator that links lead to by default.
    pub(crate) landing_url: String,
    /// The algorithm of its keys, unless a key rotation names another one.
    pub(crate) algorithm: Algorithm,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) users: Users,
    /// How many messages are kept.
    pub(crate) keep_messages: usize,
}

impl ProjectConfig {
    /// The configuration of another project, which differs only in its ID.
    pub(crate) fn with_id(&self, id: &str) -> ProjectConfig {
        let issuer_base = self.issuer.strip_suffix(&self.id).unwrap_or_default();
        ProjectConfig {
            id: id.to_owned(),
            issuer: format!("{issuer_base}{id}"),
            ..self.clone()
        }
    }
}

/// One emulated project.
pub(crate) struct Project {
    config: ProjectConfig,
    state: Versioned<State>,
    /// Changes with each change of the inbox.
    inbox_version: watch::Sender<u64>,
    on_delivery: OnceLock<DeliveryObserver>,
}

/// Is called with each message that is delivered.
type DeliveryObserver = Box<dyn Fn(&Message) + Send + Sync>;

/// Everything about a project that can change. The state file has all of it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct State {
    clock: Clock,
    settings: Settings,
    keys: KeySet,
    users: Users,
    links: Links,
    messages: Messages,
    sessions: Sessions,
    access_keys: AccessKeys,
    #[serde(default)]
    tenants: Tenants,
    /// The redirect URL if neither a request nor the settings have one.
    #[serde(skip)]
    landing_url: String,
}

impl Project {
    /// Creates a project with a new signing key.
    pub(crate) fn new(config: ProjectConfig) -> Result<Project, Error> {
        let keys = KeySet::new(SigningKey::generate(config.algorithm)?);
        Ok(Project::with_keys(config, keys))
    }

    /// Creates a project with the keys of another one.
    pub(crate) fn with_keys(config: ProjectConfig, keys: KeySet) -> Project {
        let state = State::initial(&config, keys);
        Project::with_state(config, state)
    }

    fn with_state(config: ProjectConfig, state: State) -> Project {
        Project {
            config,
            state: Versioned::new(state),
            inbox_version: watch::Sender::new(0),
            on_delivery: OnceLock::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.config.id
    }

    pub(crate) fn management_key(&self) -> &str {
        &self.config.management_key
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.config.algorithm
    }

    pub(crate) fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Changes settings. If one is invalid, nothing changes, and the error says what is wrong.
    pub(crate) fn change_settings(&self, patch: SettingsPatch) -> Result<Settings, String> {
        let mut state = self.lock();
        let settings = state.settings.clone().apply(patch)?;
        state.settings = settings.clone();
        Ok(settings)
    }

    pub(crate) fn keys(&self) -> KeySet {
        self.lock().keys.clone()
    }

    /// Signs with a new key from now on. Tokens of older keys stay valid only if `keep_old`.
    pub(crate) fn rotate_keys(&self, key: SigningKey, keep_old: bool) {
        self.lock().keys.rotate(key, keep_old);
    }

    pub(crate) fn read_clock(&self) -> ClockReading {
        self.lock().clock.read()
    }

    /// Moves the clock forward. An error says why that is not possible.
    pub(crate) fn advance_clock(&self, by: Duration) -> Result<ClockReading, String> {
        let mut state = self.lock();
        state.clock.advance(by)?;
        Ok(state.clock.read())
    }

    /// Sets the clock to a time since 1970. An error says why that is not possible.
    pub(crate) fn set_clock(&self, time: Duration) -> Result<ClockReading, String> {
        let mut state = self.lock();
        state.clock.set(time)?;
        Ok(state.clock.read())
    }

    /// Sets how far the clock is ahead of the system's clock, in milliseconds. An error says why that is
    /// not possible.
    pub(crate) fn set_clock_offset(&self, offset_ms: i64) -> Result<ClockReading, String> {
        let mut state = self.lock();
        state.clock = Clock::with_offset(offset_ms)?;
        Ok(state.clock.read())
    }

    /// Returns to the state at the start. The keys stay, unless a new key replaces them.
    pub(crate) fn reset(&self, new_key: Option<SigningKey>) {
        let mut state = self.lock();
        let keys = new_key.map_or_else(|| state.keys.clone(), KeySet::new);
        *state = State::initial(&self.config, keys);
        self.notify_inbox();
    }

    /// The messages to an address, or all messages; newest first.
    pub(crate) fn messages_to(&self, address: Option<&str>) -> Vec<Message> {
        self.lock().messages.to(address)
    }

    /// Removes the messages to an address, or all messages.
    pub(crate) fn clear_messages(&self, address: Option<&str>) {
        self.lock().messages.clear(address);
        self.notify_inbox();
    }

    /// The newest messages, at most `count`.
    pub(crate) fn newest_messages(&self, count: usize) -> Vec<Message> {
        self.lock().messages.newest(count)
    }

    /// A receiver that is notified of each change of the inbox from now on.
    pub(crate) fn subscribe_to_inbox(&self) -> watch::Receiver<u64> {
        self.inbox_version.subscribe()
    }

    /// Calls a function with each message that is delivered from now on. There can be one such function.
    /// The state is locked while it runs, so it must not block, and not use the project.
    pub(crate) fn on_delivery(&self, observer: impl Fn(&Message) + Send + Sync + 'static) {
        let _ = self.on_delivery.set(Box::new(observer));
    }

    /// Puts a message into the inbox.
    fn deliver(&self, state: &mut State, message: Message) {
        if let Some(observer) = self.on_delivery.get() {
            observer(&message);
        }
        state.messages.push(message, self.config.keep_messages);
        self.notify_inbox();
    }

    fn notify_inbox(&self) {
        self.inbox_version.send_modify(|version| *version += 1);
    }

    /// A panic elsewhere does not make the state unusable: every entry in it is complete.
    fn lock(&self) -> Guard<'_, State> {
        self.state.lock()
    }
}

impl State {
    fn initial(config: &ProjectConfig, keys: KeySet) -> State {
        State {
            clock: config.clock.clone(),
            settings: config.settings.clone(),
            keys,
            users: config.users.clone(),
            links: Links::default(),
            messages: Messages::default(),
            sessions: Sessions::default(),
            access_keys: AccessKeys::default(),
            tenants: Tenants::default(),
            landing_url: config.landing_url.clone(),
        }
    }

    /// Removes users with their sessions and links.
    fn remove_users(&mut self, user_ids: &HashSet<String>) {
        for user_id in user_ids {
            self.users.remove(user_id);
            self.sessions.remove_of(user_id);
        }
        self.links.remove_of(user_ids);
    }
}
