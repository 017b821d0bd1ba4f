//! When cached public keys are used, and when they are fetched again. Pure decisions: the caller holds
//! the lock, fetches, waits, and passes the time.

use std::sync::Arc;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::jwk::KeySet;
use crate::error::Error;

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
    /// The thread that is fetching.
    pub(crate) fetching_thread: Option<ThreadId>,
    pub(crate) last_fetch: Option<LastFetch>,
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
    /// Wait until the fetch in progress has ended, and look again.
    Wait,
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
    /// Decides what the caller on this thread has to do.
    pub(crate) fn look_up(
        &self,
        lookup: KeyLookup<'_>,
        cached: Option<&CachedKeys>,
        limits: KeyCacheLimits,
        thread: ThreadId,
        now: Instant,
    ) -> LookupResult {
        let use_cached = |cached: &CachedKeys| LookupResult::Use(Arc::clone(&cached.keys));
        if let Some(cached) = cached.filter(|cached| cached.is_current(lookup, limits.ttl, now)) {
            return use_cached(cached);
        }
        let with_key = cached.filter(|cached| cached.contains(lookup));
        if let Some(fetching_thread) = self.fetching_thread {
            // Keys that are only too old are good enough while they are refreshed.
            if let Some(cached) = with_key {
                return use_cached(cached);
            }
            // A log callback on the fetching thread may need keys as well. It must not wait for itself.
            if fetching_thread != thread {
                return LookupResult::Wait;
            }
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
