//! The links that have been made and neither used nor forgotten.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};

/// What a link's token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) user_id: String,
    pub(crate) expires: Duration,
    pub(crate) custom_claims: Map<String, Value>,
    /// Whether it adds a factor to a session that exists.
    pub(crate) mfa: bool,
}

/// Links by their token. A newer link leaves the older ones as they are.
#[derive(Default)]
pub(crate) struct Links(HashMap<String, Link>);

impl Links {
    /// Keeps a link, and forgets those whose time is over.
    pub(crate) fn add(&mut self, token: String, link: Link, now: Duration) {
        self.0.retain(|_, link| link.expires > now);
        self.0.insert(token, link);
    }

    /// Uses a link up, if it is there and its time is not over.
    pub(crate) fn take(&mut self, token: &str, now: Duration) -> Option<Link> {
        self.0.remove(token).filter(|link| link.expires > now)
    }
}
