//! When cached public keys are used, and when they are fetched again. Pure decisions: the caller holds
//! the lock, fetches, waits, and passes the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::jwk::KeySet;
use crate::error::Error;
use crate::net::Driver;

/// How long a failed fetch is not repeated while no keys are cached.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long keys are cached, and how often they may be fetched.
#[derive(Clone, Copy)]
pub(crate) struct KeyCacheLimits {
    /// The age at which keys are fetched again.
    pub(crate) ttl: Duration,
    /// The minimum time between two fetches while keys are cached, so that forged key IDs do not cause
    /// requests.
    pub(crate) min_refetch_interval: Duration,
}

/// What keys are needed for.
#[derive(Clone, Copy)]
pub(crate) enum KeyLookup<'a> {
    /// A token of the caller with this `kid`.
    Token(Option<&'a str>),
    /// A token with this `kid` that the service has just issued. It is not forged, so a fetch for it is
    /// never delayed.
    NewToken(Option<&'a str>),
    /// Tokens that are still to come.
    AnyToken,
}

/// Keys that have been fetched or configured.
pub(crate) struct CachedKeys {
    pub(crate) keys: Arc<KeySet>,
    fetched_at: Instant,
    /// Whether the keys are configured: they never expire, and none are fetched.
    is_configured: bool,
}

/// Fetches of keys: the one in progress, and the last one.
#[derive(Default)]
pub(crate) struct FetchState {
    /// The fetches in progress.
    in_progress: Vec<KeyFetchInProgress>,
    last_fetch: Option<LastFetch>,
}

/// A fetch that has not ended. Nobody relies on it after its deadline: its driver may be a queue that
/// nobody runs any more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyFetchInProgress {
    pub(crate) driver: Driver,
    pub(crate) deadline: Instant,
}

/// A fetch that has ended.
pub(crate) struct LastFetch {
    pub(crate) ended_at: Instant,
    /// `None` if it succeeded.
    pub(crate) error: Option<Error>,
}

/// What a caller has to do.
pub(crate) enum LookupResult {
    /// Use these keys. The key that was looked up may be missing: then the token is invalid.
    Use(Arc<KeySet>),
    /// Give up: the last fetch failed, and it is too soon for another.
    Fail(Error),
    /// Fetch the keys.
    Fetch,
    /// Wait until a fetch in progress has ended, or until this time, and look again.
    WaitUntil(Instant),
}

impl CachedKeys {
    pub(crate) fn fetched(keys: KeySet, now: Instant) -> CachedKeys {
        CachedKeys {
            keys: Arc::new(keys),
            fetched_at: now,
            is_configured: false,
        }
    }

    pub(crate) fn configured(keys: Arc<KeySet>, now: Instant) -> CachedKeys {
        CachedKeys {
            keys,
            fetched_at: now,
            is_configured: true,
        }
    }

    /// Whether the keys can be used without a look at [`FetchState`].
    pub(crate) fn is_current(&self, lookup: KeyLookup<'_>, ttl: Duration, now: Instant) -> bool {
        self.is_configured
            || (self.contains(lookup) && now.saturating_duration_since(self.fetched_at) < ttl)
    }

    /// Whether the key that is looked up is among the keys.
    pub(crate) fn contains(&self, lookup: KeyLookup<'_>) -> bool {
        match lookup {
            KeyLookup::Token(id) | KeyLookup::NewToken(id) => self.keys.contains(id),
            KeyLookup::AnyToken => true,
        }
    }
}

impl FetchState {
    /// Decides what a caller has to do. `driver` drives its call.
    pub(crate) fn look_up(
        &self,
        lookup: KeyLookup<'_>,
        cached: Option<&CachedKeys>,
        limits: KeyCacheLimits,
        driver: Driver,
        now: Instant,
    ) -> LookupResult {
        let use_cached = |cached: &CachedKeys| LookupResult::Use(Arc::clone(&cached.keys));
        if let Some(cached) = cached.filter(|cached| cached.is_current(lookup, limits.ttl, now)) {
            return use_cached(cached);
        }
        let with_key = cached.filter(|cached| cached.contains(lookup));
        let in_time = self.in_progress.iter().filter(|one| now < one.deadline);
        // Keys that are only too old are good enough while they are refreshed.
        if let Some(cached) = with_key
            && in_time.clone().next().is_some()
        {
            return use_cached(cached);
        }
        let useful = in_time.filter(|one| driver.can_wait_for(one.driver));
        if let Some(until) = useful.map(|one| one.deadline).max() {
            return LookupResult::WaitUntil(until);
        }
        let is_urgent =
            matches!(lookup, KeyLookup::NewToken(_)) && cached.is_some() && with_key.is_none();
        if is_urgent || !self.is_too_soon(cached.is_some(), limits.min_refetch_interval, now) {
            return LookupResult::Fetch;
        }
        match (with_key, self.last_error(), cached) {
            (None, Some(error), _) => LookupResult::Fail(error.clone()),
            (_, _, Some(cached)) => use_cached(cached),
            (_, _, None) => LookupResult::Fetch,
        }
    }

    /// Notes the start of a fetch.
    pub(crate) fn fetch_started(&mut self, fetch: KeyFetchInProgress) {
        self.in_progress.push(fetch);
    }

    /// Notes the end of a fetch. Without a result, the next caller fetches again.
    pub(crate) fn fetch_ended(&mut self, fetch: KeyFetchInProgress, result: Option<LastFetch>) {
        let ended = self.in_progress.iter().position(|other| *other == fetch);
        ended.map(|index| self.in_progress.swap_remove(index));
        if result.is_some() {
            self.last_fetch = result;
        }
    }

    /// Whether the last fetch was so recent that the next one has to wait.
    fn is_too_soon(&self, has_keys: bool, min_refetch_interval: Duration, now: Instant) -> bool {
        let Some(last) = &self.last_fetch else {
            return false;
        };
        let interval = match (has_keys, &last.error) {
            // The timeout of one caller says nothing about the server.
            (false, Some(Error::Timeout(_))) => return false,
            (true, Some(Error::Timeout(_))) => min_refetch_interval.min(RETRY_AFTER_FAILURE),
            (true, _) => min_refetch_interval,
            (false, _) => RETRY_AFTER_FAILURE,
        };
        now.saturating_duration_since(last.ended_at) < interval
    }

    fn last_error(&self) -> Option<&Error> {
        self.last_fetch.as_ref()?.error.as_ref()
    }
}
