//! The sessions that have been begun, and who signed in when.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// How many sessions are kept before the first look for ended ones.
const FEW: usize = 1024;

/// A session: what its tokens say, as long as nobody logs out.
#[derive(Clone)]
pub(crate) struct Session {
    /// The `jti` of all its tokens.
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) factors: Vec<String>,
    pub(crate) custom_claims: Map<String, Value>,
    pub(crate) tenant: Option<String>,
    pub(crate) stepup: bool,
    /// When its refresh token expires, in seconds since 1970.
    pub(crate) expires: u64,
    /// Whether a logout has ended it.
    pub(crate) is_revoked: bool,
}

/// A sign-in, as the history tells of it.
#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) time: u64,
    pub(crate) tenant: Option<String>,
}

/// What belongs to a user.
#[derive(Default)]
struct Account {
    /// The IDs of the sessions.
    sessions: Vec<String>,
    /// The sign-ins, the oldest first.
    history: Vec<SignIn>,
}

/// All sessions by their ID, and by their user.
pub(crate) struct Sessions {
    by_id: HashMap<String, Session>,
    accounts: HashMap<String, Account>,
    /// At how many sessions those are forgotten whose time is over.
    sweep_at: usize,
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions {
            by_id: HashMap::new(),
            accounts: HashMap::new(),
            sweep_at: FEW,
        }
    }
}

impl Sessions {
    /// Begins a session.
    pub(crate) fn begin(&mut self, session: Session, now: u64) {
        if self.by_id.len() >= self.sweep_at {
            self.sweep(now);
        }
        let account = self.accounts.entry(session.user_id.clone()).or_default();
        account.sessions.push(session.id.clone());
        self.by_id.insert(session.id.clone(), session);
    }

    /// Notes a sign-in for the history of its user.
    pub(crate) fn note(&mut self, session: &Session, now: u64) {
        let account = self.accounts.entry(session.user_id.clone()).or_default();
        account.history.push(SignIn {
            time: now,
            tenant: session.tenant.clone(),
        });
    }

    pub(crate) fn find(&mut self, id: &str) -> Option<&mut Session> {
        self.by_id.get_mut(id)
    }

    /// Ends the sessions of a user: those that were begun in one of these ways, or with an empty list
    /// all of them. What the types of a session are is documented nowhere; here they are the factors in
    /// its `amr`.
    pub(crate) fn revoke(&mut self, user_id: &str, types: &[String]) {
        let account = self.accounts.get(user_id);
        for id in account.into_iter().flat_map(|account| &account.sessions) {
            let Some(session) = self.by_id.get_mut(id) else {
                continue;
            };
            let is_meant = types.is_empty() || session.factors.iter().any(|f| types.contains(f));
            session.is_revoked |= is_meant;
        }
    }

    /// When a user has signed in, the latest first.
    pub(crate) fn history(&self, user_id: &str) -> Vec<SignIn> {
        let account = self.accounts.get(user_id).into_iter();
        let history = account.flat_map(|account| &account.history);
        history.rev().cloned().collect()
    }

    /// Forgets all of a user's.
    pub(crate) fn forget(&mut self, user_id: &str) {
        for id in self.accounts.remove(user_id).unwrap_or_default().sessions {
            self.by_id.remove(&id);
        }
    }

    /// Gives the sessions and sign-ins of one user to another, who has become the same.
    pub(crate) fn hand_over(&mut self, from: &str, to: &str) {
        let moved = self.accounts.remove(from).unwrap_or_default();
        for id in &moved.sessions {
            if let Some(session) = self.by_id.get_mut(id) {
                to.clone_into(&mut session.user_id);
            }
        }
        let account = self.accounts.entry(to.to_owned()).or_default();
        account.sessions.extend(moved.sessions);
        account.history.extend(moved.history);
        account.history.sort_by_key(|sign_in| sign_in.time);
    }

    /// Forgets the sessions whose time is over.
    fn sweep(&mut self, now: u64) {
        self.by_id.retain(|_, session| session.expires > now);
        for account in self.accounts.values_mut() {
            account.sessions.retain(|id| self.by_id.contains_key(id));
        }
        self.sweep_at = FEW.max(2 * self.by_id.len());
    }
}
