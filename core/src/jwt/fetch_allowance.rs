//! What limits the key fetches that tokens with unknown key IDs cause. Anybody can invent such tokens,
//! any number of them.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// How many fetches the allowance has when it is full.
pub(super) const FULL_ALLOWANCE: u32 = 5;

/// How long a key ID that was not found is not looked for again, at most. The service may publish a key
/// a moment after the first token that it signs.
const MISSING_FOR: Duration = Duration::from_secs(2);

/// How many key IDs that were not found are remembered. Each has cost a fetch, and the allowance has
/// no more in [`MISSING_FOR`].
const MAX_MISSING: usize = FULL_ALLOWANCE as usize + 1;

/// The fetches that are allowed at present: each takes one, and an interval gives one back.
#[derive(Default)]
pub(super) struct FetchAllowance {
    /// After which time the allowance was full again when it was last used.
    refill_time: Duration,
    used_at: Option<Instant>,
}

/// The key IDs that were just looked for and not found, as keyed hashes.
#[derive(Default)]
pub(super) struct MissingKeyIds {
    hasher: RandomState,
    /// The hash of each, and when it was not found; the newest last.
    ids: VecDeque<(u64, Instant)>,
}

impl FetchAllowance {
    /// How long there is no fetch. Zero: one is allowed now.
    pub(super) fn wait(&self, interval: Duration, now: Instant) -> Duration {
        let while_one_is_left = interval.saturating_mul(FULL_ALLOWANCE - 1);
        self.time_until_full(now).saturating_sub(while_one_is_left)
    }

    /// Takes a fetch, if there is one.
    pub(super) fn take(&mut self, interval: Duration, now: Instant) {
        let refill_time = self.time_until_full(now).saturating_add(interval);
        self.refill_time = refill_time.min(interval.saturating_mul(FULL_ALLOWANCE));
        self.used_at = Some(now);
    }

    fn time_until_full(&self, now: Instant) -> Duration {
        let passed = self.used_at.map(|at| now.saturating_duration_since(at));
        self.refill_time.saturating_sub(passed.unwrap_or_default())
    }
}

impl MissingKeyIds {
    /// Whether a key ID was just looked for and not found.
    pub(super) fn contains(&self, id: Option<&str>, interval: Duration, now: Instant) -> bool {
        let lifetime = interval.min(MISSING_FOR);
        let hash = self.hasher.hash_one(id);
        self.ids.iter().any(|(other, not_found_at)| {
            *other == hash && now.saturating_duration_since(*not_found_at) < lifetime
        })
    }

    pub(super) fn insert(&mut self, id: Option<&str>, now: Instant) {
        if self.ids.len() >= MAX_MISSING {
            self.ids.pop_front();
        }
        self.ids.push_back((self.hasher.hash_one(id), now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_of_remembered_key_ids_is_limited() {
        let now = Instant::now();
        let mut missing = MissingKeyIds::default();
        let interval = Duration::from_secs(60);
        let ids: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        for id in &ids {
            missing.insert(Some(id), now);
            assert!(missing.contains(Some(id), interval, now));
        }
        let remembered = ids
            .iter()
            .filter(|id| missing.contains(Some(id), interval, now));
        assert_eq!(remembered.count(), MAX_MISSING);
        assert_eq!(missing.ids.len(), MAX_MISSING);
        let last = ids.last().map(String::as_str);
        assert!(!missing.contains(last, interval, now + MISSING_FOR));
        assert!(!missing.contains(None, interval, now));
    }

    #[test]
    fn allowance_is_used_up_and_refills() {
        let start = Instant::now();
        let interval = Duration::from_secs(2);
        let mut allowance = FetchAllowance::default();
        for _ in 0..FULL_ALLOWANCE {
            assert_eq!(allowance.wait(interval, start), Duration::ZERO);
            allowance.take(interval, start);
        }
        assert_eq!(allowance.wait(interval, start), interval);
        let later = start + interval / 2;
        assert_eq!(allowance.wait(interval, later), interval / 2);
        // A fetch that the allowance does not limit leaves no debt.
        allowance.take(interval, later);
        assert_eq!(allowance.wait(interval, later), interval);
        let long_after = start + Duration::from_secs(3600);
        assert_eq!(allowance.time_until_full(long_after), Duration::ZERO);
    }
}
