//! The links that have been made and neither used nor forgotten.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::method::Method;

/// How many links are kept before the first look for expired ones.
const FEW: usize = 1024;

/// What a link's token stands for.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) user_id: String,
    pub(crate) expires: Duration,
    pub(crate) method: Method,
    pub(crate) purpose: Purpose,
}

/// What a link is for, beside signing its user in.
#[derive(Clone, Default)]
pub(crate) struct Purpose {
    pub(crate) custom_claims: Map<String, Value>,
    /// The factors of the session that this one adds to.
    pub(crate) earlier_factors: Vec<String>,
    /// Whether it adds a factor to a session that exists.
    pub(crate) mfa: bool,
    pub(crate) stepup: bool,
    pub(crate) tenant: Option<String>,
    /// Whether the link went to the address for recovery, and so proves that one.
    pub(crate) recovery: bool,
    /// Which other sessions end: those that were begun in one of these ways, or with an empty list all.
    pub(crate) revoke: Option<Vec<String>>,
    pub(crate) update: Option<Update>,
}

/// A new address, which the user has once the link to it is followed.
#[derive(Clone)]
pub(crate) struct Update {
    pub(crate) address: String,
    pub(crate) add_to_login_ids: bool,
    pub(crate) on_merge_use_existing: bool,
    pub(crate) fail_on_conflict: bool,
}

/// Links by their token. A newer link leaves the older ones as they are.
pub(crate) struct Links {
    by_token: HashMap<String, Link>,
    /// At how many links those are forgotten whose time is over.
    sweep_at: usize,
}

impl Default for Links {
    fn default() -> Links {
        Links {
            by_token: HashMap::new(),
            sweep_at: FEW,
        }
    }
}

impl Links {
    /// Keeps a link. Expired ones are forgotten each time the number of links has doubled, so that a
    /// link costs the same however many there are.
    pub(crate) fn add(&mut self, token: String, link: Link, now: Duration) {
        if self.by_token.len() >= self.sweep_at {
            self.by_token.retain(|_, link| link.expires > now);
            self.sweep_at = FEW.max(2 * self.by_token.len());
        }
        self.by_token.insert(token, link);
    }

    /// Uses a link up, if it is there and its time is not over.
    pub(crate) fn take(&mut self, token: &str, now: Duration) -> Option<Link> {
        self.by_token
            .remove(token)
            .filter(|link| link.expires > now)
    }

    /// Forgets the links of these users.
    pub(crate) fn forget(&mut self, user_ids: &HashSet<String>) {
        self.by_token
            .retain(|_, link| !user_ids.contains(&link.user_id));
    }
}
