//! The links that have been made and neither used nor forgotten.

use std::collections::HashMap;
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
    pub(crate) custom_claims: Map<String, Value>,
    /// Whether it adds a factor to a session that exists.
    pub(crate) mfa: bool,
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
}
