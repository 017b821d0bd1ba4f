//! The public keys of a project, shared by all threads: one fetch at a time, and the cached keys stay in
//! use if it fails. [`FetchState`] decides, this file locks and waits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;

use crate::error::Error;
use crate::jwt::{
    CachedKeys, FetchState, HeaderCache, KeyCacheLimits, KeyLookup, KeySet, LastFetch, LookupResult,
};
use crate::logging;
use crate::os::PerProcess;
use crate::status::Outcome;

/// How long a caller waits for a refresh although the key that it needs is cached.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// The public keys of a project.
pub(super) struct ProjectKeys {
    limits: KeyCacheLimits,
    /// Read without a lock whenever a token is validated.
    cached: ArcSwapOption<CachedKeys>,
    single_flight: PerProcess<SingleFlight>,
    headers: HeaderCache,
}

/// Lets one thread fetch while the others wait.
#[derive(Default)]
struct SingleFlight {
    state: Mutex<FetchState>,
    fetch_ended: Condvar,
}

/// A fetch in progress. It ends when this is dropped, also by a panic.
struct FetchInProgress<'a> {
    single_flight: &'a SingleFlight,
    result: Option<LastFetch>,
}

impl ProjectKeys {
    pub(super) fn new(limits: KeyCacheLimits) -> ProjectKeys {
        ProjectKeys {
            limits,
            cached: ArcSwapOption::const_empty(),
            single_flight: PerProcess::new(SingleFlight::default()),
            headers: HeaderCache::default(),
        }
    }

    /// Keys from the configuration: none are ever fetched.
    pub(super) fn configured(limits: KeyCacheLimits, keys: Arc<KeySet>) -> ProjectKeys {
        let project_keys = ProjectKeys::new(limits);
        let cached = CachedKeys::configured(keys, Instant::now());
        project_keys.cached.store(Some(Arc::new(cached)));
        project_keys
    }

    pub(super) fn headers(&self) -> &HeaderCache {
        &self.headers
    }

    /// The cached keys. `None` if keys have to be fetched first.
    pub(super) fn get_cached(&self, lookup: KeyLookup<'_>) -> Option<Arc<KeySet>> {
        let cached = self.cached.load();
        let cached = cached.as_ref()?;
        let now = Instant::now();
        if cached.is_current(lookup, self.limits.ttl, now) {
            return Some(Arc::clone(&cached.keys));
        }
        let single_flight = self.single_flight();
        let state = single_flight.lock();
        let thread = thread::current().id();
        match state.look_up(lookup, Some(cached), self.limits, thread, now) {
            LookupResult::Use(keys) => Some(keys),
            LookupResult::Fail(_) | LookupResult::Fetch | LookupResult::Wait => None,
        }
    }

    /// The keys. They are fetched if the key that is needed is not cached or the cached keys are too
    /// old.
    ///
    /// # Errors
    ///
    /// That of the fetch, unless the key that is needed is cached.
    pub(super) fn get(
        &self,
        lookup: KeyLookup<'_>,
        deadline: Instant,
        fetch: impl FnOnce(Instant) -> Result<KeySet, Error>,
    ) -> Result<Arc<KeySet>, Error> {
        if let Some(keys) = self.get_cached(lookup) {
            return Ok(keys);
        }
        let single_flight = self.single_flight();
        match self.wait_for_turn(&single_flight, lookup, deadline)? {
            Turn::Use(keys) => Ok(keys),
            Turn::Fetch(in_progress) => self.fetch(in_progress, lookup, deadline, fetch),
        }
    }

    fn fetch(
        &self,
        mut in_progress: FetchInProgress<'_>,
        lookup: KeyLookup<'_>,
        deadline: Instant,
        fetch: impl FnOnce(Instant) -> Result<KeySet, Error>,
    ) -> Result<Arc<KeySet>, Error> {
        let cached = self.cached.load_full();
        let cached = cached.filter(|cached| cached.contains(lookup));
        let result = match &cached {
            Some(_) => fetch(deadline.min(Instant::now() + REFRESH_TIMEOUT)),
            None => fetch(deadline),
        };
        let ended_at = Instant::now();
        let (keys, error) = match result {
            Ok(keys) => (Some(Arc::new(CachedKeys::fetched(keys, ended_at))), None),
            Err(error) => (None, Some(error)),
        };
        if keys.is_some() {
            self.cached.store(keys.clone());
        }
        in_progress.result = Some(LastFetch {
            ended_at,
            error: error.clone(),
        });
        // No log callback runs while others wait for this fetch.
        drop(in_progress);
        match (keys, error, cached) {
            (Some(fetched), _, _) => {
                logging::log_keys_fetched();
                Ok(Arc::clone(&fetched.keys))
            }
            (None, Some(error), Some(cached)) => {
                logging::log_stale_keys(&error);
                Ok(Arc::clone(&cached.keys))
            }
            (None, Some(error), None) => Err(error),
            (None, None, _) => Err(Error::internal("fetching the public keys")),
        }
    }

    /// Waits for the fetch in progress, if it can help this caller, or starts the next one.
    fn wait_for_turn<'a>(
        &self,
        single_flight: &'a SingleFlight,
        lookup: KeyLookup<'_>,
        deadline: Instant,
    ) -> Result<Turn<'a>, Error> {
        let thread = thread::current().id();
        let mut state = single_flight.lock();
        loop {
            let now = Instant::now();
            let cached = self.cached.load();
            match state.look_up(lookup, cached.as_deref(), self.limits, thread, now) {
                LookupResult::Use(keys) => return Ok(Turn::Use(keys)),
                LookupResult::Fail(error) => return Err(error),
                LookupResult::Fetch => {
                    state.fetching_thread = Some(thread);
                    return Ok(Turn::Fetch(FetchInProgress {
                        single_flight,
                        result: None,
                    }));
                }
                LookupResult::Wait => {}
            }
            let left = deadline.saturating_duration_since(now);
            if left.is_zero() {
                return Err(Error::timeout(
                    "timed out while waiting for the project's public keys (`timeoutMs`)",
                    Outcome::NotSent,
                ));
            }
            let waited = single_flight.fetch_ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn single_flight(&self) -> crate::os::Current<SingleFlight> {
        self.single_flight.get(SingleFlight::default)
    }
}

/// What a caller does after it has waited.
enum Turn<'a> {
    Use(Arc<KeySet>),
    Fetch(FetchInProgress<'a>),
}

impl SingleFlight {
    fn lock(&self) -> MutexGuard<'_, FetchState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FetchInProgress<'_> {
    fn drop(&mut self) {
        let mut state = self.single_flight.lock();
        state.fetching_thread = None;
        if let Some(result) = self.result.take() {
            state.last_fetch = Some(result);
        }
        drop(state);
        self.single_flight.fetch_ended.notify_all();
    }
}

#[cfg(test)]
mod tests;
