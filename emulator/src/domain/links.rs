//! Magic links: what each one is for, when it expires, and that it works only once.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::delivery_method::DeliveryMethod;

/// Expired links are removed for the first time when there are this many links.
const SWEEP_THRESHOLD: usize = 1024;

/// What the token of a link stands for.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    pub(super) user_id: String,
    /// When the link expires, since 1970.
    pub(super) expires: Duration,
    /// How the link was sent. `None` for an embedded link: the program delivers it on its own.
    pub(super) method: Option<DeliveryMethod>,
    pub(super) options: LinkOptions,
}

impl Link {
    /// What the `amr` of the session's tokens says about the link. For embedded links, Descope does not
    /// document it.
    pub(super) fn factor(&self) -> &'static str {
        self.method.map_or("embeddedlink", DeliveryMethod::name)
    }
}

/// What happens when a link is verified, apart from the sign-in itself.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkOptions {
    pub(super) custom_claims: Map<String, Value>,
    /// The factors of the session that the new session adds to.
    pub(super) earlier_factors: Vec<String>,
    /// Whether the new session adds a factor to an existing one.
    pub(super) mfa: bool,
    pub(super) stepup: bool,
    pub(super) tenant: Option<String>,
    /// Whether the link was sent to the recovery address, and so verifies that one.
    pub(super) recovery: bool,
    /// Which other sessions end: those with one of these factors, or all if the list is empty.
    pub(super) revoke: Option<Vec<String>>,
    pub(super) new_address: Option<NewAddress>,
}

/// A new address that the user gets when the link to it is verified.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAddress {
    pub(super) address: String,
    pub(super) add_to_login_ids: bool,
    pub(super) on_merge_use_existing: bool,
    pub(super) fail_on_conflict: bool,
}

/// All unused links by token. A newer link does not invalidate older ones.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Links {
    by_token: HashMap<String, Link>,
    /// Expired links are removed when there are this many links.
    #[serde(skip, default = "sweep_threshold")]
    sweep_at: usize,
}

impl Default for Links {
    fn default() -> Links {
        Links {
            by_token: HashMap::new(),
            sweep_at: sweep_threshold(),
        }
    }
}

fn sweep_threshold() -> usize {
    SWEEP_THRESHOLD
}

impl Links {
    /// Adds a link. Expired links are removed each time the number of links has doubled, so the cost of
    /// adding a link does not depend on how many there are.
    pub(super) fn add(&mut self, token: String, link: Link, now: Duration) {
        if self.by_token.len() >= self.sweep_at {
            self.by_token.retain(|_, link| link.expires > now);
            self.sweep_at = SWEEP_THRESHOLD.max(2 * self.by_token.len());
        }
        self.by_token.insert(token, link);
    }

    pub(super) fn get(&self, token: &str) -> Option<&Link> {
        self.by_token.get(token)
    }

    /// Removes and returns the link with this token, unless it has expired.
    pub(super) fn take(&mut self, token: &str, now: Duration) -> Option<Link> {
        self.by_token
            .remove(token)
            .filter(|link| link.expires > now)
    }

    /// Removes the links of these users.
    pub(super) fn remove_of(&mut self, user_ids: &HashSet<String>) {
        self.by_token
            .retain(|_, link| !user_ids.contains(&link.user_id));
    }
}
