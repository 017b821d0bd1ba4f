//! What limits the key requests, above all those that tokens with unknown key IDs cause. Anybody can invent
//! such tokens, any number of them.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// How many requests the allowance has when it is full.
pub(super) const FULL_ALLOWANCE: u32 = 5;

/// How long an urgent request waits for the allowance at most, after the last request.
pub(super) const MAX_URGENT_WAIT: Duration = Duration::from_secs(2);

/// A call that has waited so long takes its turn at once.
const LONG_WAIT: Duration = Duration::from_secs(2);

/// By how much less than the difference in their ages the turns of calls differ.
const TURN_SCALE: u32 = 10;

/// How long a key ID that was not found is not looked for again, at most. The service may publish a key
/// a moment after the first token that it signs.
pub(super) const MISSING_FOR: Duration = Duration::from_secs(2);

/// How many key IDs that were not found are remembered. Each has cost a request, and the allowance has
/// no more in [`MISSING_FOR`].
const MAX_MISSING: usize = FULL_ALLOWANCE as usize + 1;

/// The requests that are allowed at present: each takes one, and an interval gives one back. In any time,
/// there are no more than [`FULL_ALLOWANCE`] and one for each interval.
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
    /// The hash of each, and when the keys without it were requested; the newest last.
    ids: VecDeque<(u64, Instant)>,
}

impl FetchAllowance {
    /// When the request after the last one is or was allowed, if the last one has used up the allowance.
    pub(super) fn next_at(&self, interval: Duration, is_urgent: bool) -> Option<Instant> {
        let while_one_is_left = interval.saturating_mul(FULL_ALLOWANCE - 1);
        let wait = self.refill_time.saturating_sub(while_one_is_left);
        let wait = match is_urgent {
            true => wait.min(MAX_URGENT_WAIT),
            false => wait,
        };
        let used_at = self.used_at.filter(|_| !wait.is_zero())?;
        Some(used_at + wait)
    }

    /// Takes a request that is sent at this time.
    pub(super) fn take(&mut self, interval: Duration, at: Instant) {
        let refill_time = self.time_until_full(at).saturating_add(interval);
        self.refill_time = refill_time.min(interval.saturating_mul(FULL_ALLOWANCE));
        // The last one may be planned for later.
        self.used_at = self.used_at.max(Some(at));
    }

    fn time_until_full(&self, now: Instant) -> Duration {
        let passed = self.used_at.map(|at| now.saturating_duration_since(at));
        self.refill_time.saturating_sub(passed.unwrap_or_default())
    }
}

/// When a call may take a request that is allowed from `next_at` on: the calls that have waited longer come
/// earlier. So calls that are soon cancelled do not take each request from those that wait.
pub(super) fn turn_at(next_at: Instant, started_at: Instant) -> Instant {
    let waited = next_at.saturating_duration_since(started_at);
    let late = started_at.saturating_duration_since(next_at);
    next_at + (LONG_WAIT.saturating_sub(waited) + late) / TURN_SCALE
}

impl MissingKeyIds {
    /// Whether a key ID was just looked for and not found.
    pub(super) fn contains(&self, id: Option<&str>, interval: Duration, now: Instant) -> bool {
        let lifetime = interval.min(MISSING_FOR);
        let hash = self.hasher.hash_one(id);
        self.ids.iter().any(|(other, requested_at)| {
            *other == hash && now.saturating_duration_since(*requested_at) < lifetime
        })
    }

    /// Notes that a key ID is not among the keys that were requested at a time.
    pub(super) fn insert(&mut self, id: Option<&str>, requested_at: Instant) {
        if self.ids.len() >= MAX_MISSING {
            self.ids.pop_front();
        }
        self.ids.push_back((self.hasher.hash_one(id), requested_at));
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
            assert_eq!(allowance.next_at(interval, false), None);
            allowance.take(interval, start);
        }
        assert_eq!(allowance.next_at(interval, false), Some(start + interval));
        // A request that the allowance does not limit leaves no debt.
        let later = start + interval / 2;
        allowance.take(interval, later);
        assert_eq!(allowance.next_at(interval, false), Some(later + interval));
        // One that is planned counts from its time on.
        let planned = later + interval * 2;
        allowance.take(interval, planned);
        assert_eq!(allowance.next_at(interval, false), None);
        allowance.take(interval, later + interval);
        assert_eq!(allowance.next_at(interval, false), Some(planned + interval));
        let long_after = start + Duration::from_secs(3600);
        assert_eq!(allowance.time_until_full(long_after), Duration::ZERO);
    }

    #[test]
    fn urgent_requests_do_not_wait_for_a_long_interval() {
        let start = Instant::now();
        let hour = Duration::from_secs(3600);
        let mut allowance = FetchAllowance::default();
        for _ in 0..FULL_ALLOWANCE {
            allowance.take(hour, start);
        }
        assert_eq!(allowance.next_at(hour, false), Some(start + hour));
        let soon = start + MAX_URGENT_WAIT;
        assert_eq!(allowance.next_at(hour, true), Some(soon));
        allowance.take(hour, soon);
        assert_eq!(allowance.next_at(hour, true), Some(soon + MAX_URGENT_WAIT));
    }

    #[test]
    fn calls_that_have_waited_longer_come_first() {
        let next_at = Instant::now() + Duration::from_secs(60);
        let second = Duration::from_secs(1);
        let starts = [3, 2, 1].map(|seconds| next_at - second * seconds);
        let starts = starts.into_iter().chain([next_at, next_at + second]);
        let turns: Vec<_> = starts.map(|start| turn_at(next_at, start)).collect();
        let after = [0, 0, 100, 200, 300].map(Duration::from_millis);
        assert_eq!(turns, after.map(|time| next_at + time));
    }
}
