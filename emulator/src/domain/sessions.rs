//! Sessions, by ID and by user, and each user's sign-in history.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Expired sessions are removed for the first time when there are this many sessions.
const SWEEP_THRESHOLD: usize = 1024;

/// A session: what its tokens say, and whether it was ended by a logout.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    /// The `jti` of all tokens of the session.
    pub(crate) id: String,
    pub(crate) user_id: String,
    /// The `amr` of its tokens: how the user signed in.
    pub(crate) factors: Vec<String>,
    pub(crate) custom_claims: Map<String, Value>,
    pub(crate) tenant: Option<String>,
    /// Until when it is stepped up, in seconds since 1970. `None` if it never was.
    pub(crate) stepped_up_until: Option<u64>,
    /// When the refresh token expires, in seconds since 1970.
    pub(crate) expires: u64,
    /// When it was started or refreshed for the last time, in seconds since 1970.
    pub(crate) last_active: u64,
    /// How many times a new refresh token has replaced the old one, which is invalid since then.
    pub(crate) rotations: u64,
    /// Whether a logout has ended the session.
    pub(crate) is_revoked: bool,
}

impl Session {
    /// Whether the session has a fresh additional factor. `now` is in seconds since 1970.
    pub(super) fn is_stepped_up(&self, now: u64) -> bool {
        self.stepped_up_until.is_some_and(|until| until > now)
    }

    /// Whether a logout of these types ends the session. An empty list means all types. The types of a
    /// session are not documented; here they are the factors in its `amr`.
    pub(super) fn is_of_types(&self, types: &[String]) -> bool {
        types.is_empty() || self.factors.iter().any(|factor| types.contains(factor))
    }
}

/// A sign-in in the history of a user.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// In seconds since 1970.
    pub(crate) time: u64,
    pub(crate) tenant: Option<String>,
}

/// The sessions and the history of one user.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Account {
    session_ids: Vec<String>,
    /// The sign-ins, oldest first.
    history: Vec<SignIn>,
}

/// All sessions by ID and by user.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sessions {
    by_id: HashMap<String, Session>,
    accounts: HashMap<String, Account>,
    /// Expired sessions are removed when there are this many sessions.
    #[serde(skip, default = "sweep_threshold")]
    sweep_at: usize,
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions {
            by_id: HashMap::new(),
            accounts: HashMap::new(),
            sweep_at: sweep_threshold(),
        }
    }
}

fn sweep_threshold() -> usize {
    SWEEP_THRESHOLD
}

impl Sessions {
    pub(super) fn add(&mut self, session: Session, now: u64) {
        if self.by_id.len() >= self.sweep_at {
            self.remove_expired(now);
        }
        let account = self.accounts.entry(session.user_id.clone()).or_default();
        account.session_ids.push(session.id.clone());
        self.by_id.insert(session.id.clone(), session);
    }

    /// Adds a sign-in to the history of the session's user.
    pub(super) fn record_sign_in(&mut self, session: &Session, now: u64) {
        let account = self.accounts.entry(session.user_id.clone()).or_default();
        account.history.push(SignIn {
            time: now,
            tenant: session.tenant.clone(),
        });
    }

    pub(super) fn get(&self, id: &str) -> Option<&Session> {
        self.by_id.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.by_id.get_mut(id)
    }

    /// Ends a user's sessions of these types. An empty list means all types.
    pub(super) fn revoke(&mut self, user_id: &str, types: &[String]) {
        let account = self.accounts.get(user_id);
        for id in account.into_iter().flat_map(|account| &account.session_ids) {
            if let Some(session) = self.by_id.get_mut(id) {
                session.is_revoked |= session.is_of_types(types);
            }
        }
    }

    /// The sign-ins of a user, newest first.
    pub(super) fn history(&self, user_id: &str) -> Vec<SignIn> {
        let account = self.accounts.get(user_id).into_iter();
        let history = account.flat_map(|account| &account.history);
        history.rev().cloned().collect()
    }

    /// Removes a user's sessions and history.
    pub(super) fn remove_of(&mut self, user_id: &str) {
        let account = self.accounts.remove(user_id).unwrap_or_default();
        for id in account.session_ids {
            self.by_id.remove(&id);
        }
    }

    /// Moves the sessions and the history of one user to another. Used when the two are merged.
    pub(super) fn reassign(&mut self, from: &str, to: &str) {
        let moved = self.accounts.remove(from).unwrap_or_default();
        for id in &moved.session_ids {
            if let Some(session) = self.by_id.get_mut(id) {
                to.clone_into(&mut session.user_id);
            }
        }
        let account = self.accounts.entry(to.to_owned()).or_default();
        account.session_ids.extend(moved.session_ids);
        account.history.extend(moved.history);
        account.history.sort_by_key(|sign_in| sign_in.time);
    }

    fn remove_expired(&mut self, now: u64) {
        self.by_id.retain(|_, session| session.expires > now);
        for account in self.accounts.values_mut() {
            account.session_ids.retain(|id| self.by_id.contains_key(id));
        }
        self.sweep_at = SWEEP_THRESHOLD.max(2 * self.by_id.len());
    }
}
