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

/// All sessions, by their ID, and the sign-ins of each user, the oldest first.
pub(crate) struct Sessions {
    by_id: HashMap<String, Session>,
    history: HashMap<String, Vec<SignIn>>,
    /// At how many sessions those are forgotten whose time is over.
    sweep_at: usize,
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions {
            by_id: HashMap::new(),
            history: HashMap::new(),
            sweep_at: FEW,
        }
    }
}

impl Sessions {
    /// Begins a session.
    pub(crate) fn begin(&mut self, session: Session, now: u64) {
        if self.by_id.len() >= self.sweep_at {
            self.by_id.retain(|_, session| session.expires > now);
            self.sweep_at = FEW.max(2 * self.by_id.len());
        }
        let history = self.history.entry(session.user_id.clone()).or_default();
        history.push(SignIn {
            time: now,
            tenant: session.tenant.clone(),
        });
        self.by_id.insert(session.id.clone(), session);
    }

    pub(crate) fn find(&mut self, id: &str) -> Option<&mut Session> {
        self.by_id.get_mut(id)
    }

    /// Ends the sessions of a user but for one: those that were begun in one of these ways, or with an
    /// empty list all of them. What the types of a session are is documented nowhere; here they are
    /// the factors in its `amr`.
    pub(crate) fn revoke(&mut self, user_id: &str, spared: Option<&str>, types: &[String]) {
        for session in self.by_id.values_mut() {
            let is_meant = types.is_empty() || session.factors.iter().any(|f| types.contains(f));
            if session.user_id == user_id && Some(session.id.as_str()) != spared && is_meant {
                session.is_revoked = true;
            }
        }
    }

    /// When a user has signed in, the latest first.
    pub(crate) fn history(&self, user_id: &str) -> Vec<SignIn> {
        let history = self.history.get(user_id).into_iter().flatten();
        history.rev().cloned().collect()
    }

    /// Forgets all of a user's.
    pub(crate) fn forget(&mut self, user_id: &str) {
        self.by_id.retain(|_, session| session.user_id != user_id);
        self.history.remove(user_id);
    }

    /// Gives the sessions and sign-ins of one user to another, who has become the same.
    pub(crate) fn hand_over(&mut self, from: &str, to: &str) {
        for session in self.by_id.values_mut() {
            if session.user_id == from {
                to.clone_into(&mut session.user_id);
            }
        }
        let moved = self.history.remove(from).unwrap_or_default();
        let history = self.history.entry(to.to_owned()).or_default();
        history.extend(moved);
        history.sort_by_key(|sign_in| sign_in.time);
    }
}
