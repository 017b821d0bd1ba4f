//! The public keys of a project, shared by all threads: one fetch at a time, and the cached keys stay in
//! use if it fails. [`FetchState`] decides, this file locks and waits.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;

use super::key_requests::{KeyRequests, RequestingProject};
use crate::error::Error;
use crate::events::Phase;
use crate::jwt::{
    CachedKeys, FetchState, HeaderCache, KeyCacheLimits, KeyFetchInProgress, KeyLookup, KeySet,
    LastFetch, LookupResult, LookupTime, VerifiedTokens,
};
use crate::logging::{self, Log};
use crate::net::CallContext;
use crate::os::{Current, PerProcess, ProcessMark};
use crate::status::Outcome;

/// How long a caller waits for a refresh although the key that it needs is cached.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// The public keys of a project.
pub(super) struct ProjectKeys {
    limits: KeyCacheLimits,
    requests: RequestingProject,
    /// Read without a lock whenever a token is validated.
    cached: ArcSwapOption<CachedKeys>,
    single_flight: PerProcess<SingleFlight>,
    headers: HeaderCache,
    verified_tokens: VerifiedTokens,
}

/// Lets one call fetch while the others wait.
pub(super) struct SingleFlight {
    flights: Mutex<Flights>,
    requests: Arc<KeyRequests>,
}

struct Flights {
    state: FetchState,
    /// The calls that wait for the end of a fetch.
    waiting: Vec<Waker>,
}

/// A fetch in progress. It ends when this is dropped, also by a panic or a cancelled call.
pub(super) struct FetchInProgress<'a> {
    single_flight: &'a SingleFlight,
    fetch: KeyFetchInProgress,
    limits: KeyCacheLimits,
    process: ProcessMark,
    lookup: KeyLookup<'a>,
    /// Old keys that contain the one that is needed.
    usable: Option<Arc<CachedKeys>>,
    result: Option<LastFetch>,
    /// Whether the new keys lack the one that is needed.
    is_missing: bool,
}

/// What a caller does after it has waited.
pub(super) enum Turn<'a> {
    Use(Arc<KeySet>),
    Fetch(FetchInProgress<'a>),
}

impl ProjectKeys {
    /// `verified_tokens` is the size of the cache of verified tokens.
    pub(super) fn new(
        limits: KeyCacheLimits,
        requests: RequestingProject,
        verified_tokens: usize,
    ) -> ProjectKeys {
        ProjectKeys {
            limits,
            cached: ArcSwapOption::const_empty(),
            single_flight: PerProcess::new(SingleFlight::new(&requests)),
            requests,
            headers: HeaderCache::default(),
            verified_tokens: VerifiedTokens::new(verified_tokens),
        }
    }

    /// Keys from the configuration: none are ever fetched.
    pub(super) fn with_configured(self, keys: Arc<KeySet>) -> ProjectKeys {
        let cached = CachedKeys::configured(keys, Instant::now());
        self.cached.store(Some(Arc::new(cached)));
        self
    }

    pub(super) fn headers(&self) -> &HeaderCache {
        &self.headers
    }

    pub(super) fn verified_tokens(&self) -> &VerifiedTokens {
        &self.verified_tokens
    }

    /// The cached keys, if they are not too old and contain the one that is needed.
    pub(super) fn get_current(
        &self,
        lookup: KeyLookup<'_>,
        context: CallContext<'_>,
    ) -> Option<Arc<KeySet>> {
        let cached = self.cached.load();
        let cached = cached.as_ref()?;
        let is_current = cached.is_current(lookup, self.limits.ttl, context.now());
        is_current.then(|| Arc::clone(&cached.keys))
    }

    /// The cached keys, if they are good enough or no others can be had now. `None` if keys have to be
    /// fetched.
    ///
    /// # Errors
    ///
    /// As [`ProjectKeys::wait_for_turn`].
    pub(super) fn get_usable(
        &self,
        lookup: KeyLookup<'_>,
        context: CallContext<'_>,
    ) -> Result<Option<Arc<KeySet>>, Error> {
        let single_flight = self.single_flight();
        let flights = single_flight.lock();
        // Read under the lock: keys that another call has just fetched are there.
        let cached = self.cached.load();
        let now = context.now();
        let time = LookupTime {
            driver: context.driver(),
            started_at: now,
            now,
        };
        let client = single_flight.requests.current();
        let result =
            flights
                .state
                .look_up(lookup, cached.as_deref(), self.limits, &client.lock(), time);
        match result {
            LookupResult::Use(keys) => Ok(Some(keys)),
            LookupResult::Fail(error) => Err(error),
            LookupResult::Fetch(_) | LookupResult::WaitUntil(_) => Ok(None),
        }
    }

    /// Waits for the fetch in progress, if it can help this caller, or lets it start the next one, as soon as
    /// that is allowed.
    ///
    /// # Errors
    ///
    /// That of the last fetch, [`Error::Timeout`], or [`Error::Token`] if too many tokens with unknown keys
    /// have caused fetches.
    pub(super) async fn wait_for_turn<'a>(
        &self,
        single_flight: &'a SingleFlight,
        lookup: KeyLookup<'a>,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Result<Turn<'a>, Error> {
        let started_at = context.now();
        loop {
            let turn = self.take_turn(single_flight, lookup, deadline, started_at, context);
            let until = match turn? {
                ControlFlow::Break(turn) => return Ok(turn),
                ControlFlow::Continue(until) => until.min(deadline),
            };
            if context.now() >= deadline {
                return Err(Error::timeout(
                    "timed out while waiting for the project's public keys (`timeoutMs`)",
                    Outcome::NotSent,
                ));
            }
            context.enter(Phase::KeysWait);
            let waited = context.wait_until(until).await;
            context.enter(Phase::Local);
            waited.map_err(|error| error.while_waiting(Outcome::NotSent))?;
        }
    }

    /// The turn of the caller, or until when it has to wait for it. Its waker is used at the end of a fetch.
    fn take_turn<'a>(
        &self,
        single_flight: &'a SingleFlight,
        lookup: KeyLookup<'a>,
        deadline: Instant,
        started_at: Instant,
        context: CallContext<'_>,
    ) -> Result<ControlFlow<Turn<'a>, Instant>, Error> {
        let client = single_flight.requests.current();
        let mut flights = single_flight.lock();
        let mut allowance = client.lock();
        let (driver, now) = (context.driver(), context.now());
        let cached = self.cached.load_full();
        let time = LookupTime {
            driver,
            started_at,
            now,
        };
        let result =
            flights
                .state
                .look_up(lookup, cached.as_deref(), self.limits, &allowance, time);
        match result {
            LookupResult::Use(keys) => Ok(ControlFlow::Break(Turn::Use(keys))),
            LookupResult::Fail(error) => Err(error),
            LookupResult::Fetch(urgency) => {
                let usable = cached.filter(|cached| cached.contains(lookup));
                // A caller does not wait long for a refresh of keys that it could use.
                let deadline = match usable {
                    Some(_) => deadline.min(now + REFRESH_TIMEOUT),
                    None => deadline,
                };
                let fetch = KeyFetchInProgress {
                    driver,
                    started_at: now,
                    deadline,
                    urgency,
                };
                flights
                    .state
                    .fetch_started(fetch, self.limits, &mut allowance);
                Ok(ControlFlow::Break(Turn::Fetch(FetchInProgress {
                    single_flight,
                    fetch,
                    limits: self.limits,
                    process: ProcessMark::current(),
                    lookup,
                    usable,
                    result: None,
                    is_missing: false,
                })))
            }
            LookupResult::WaitUntil(until) => {
                flights.waiting.push(context.waker());
                Ok(ControlFlow::Continue(until))
            }
        }
    }

    /// Ends a fetch. Returns the new keys, or the old ones if they contain the one that is needed.
    ///
    /// # Errors
    ///
    /// That of the fetch.
    pub(super) fn finish(
        &self,
        mut in_progress: FetchInProgress<'_>,
        result: Result<KeySet, Error>,
        now: Instant,
        log: Log<'_>,
    ) -> Result<Arc<KeySet>, Error> {
        let usable = in_progress.usable.take();
        match (result, usable) {
            (Ok(keys), _) => {
                let fetched =
                    Arc::new(CachedKeys::fetched(keys, in_progress.fetch.started_at, now));
                self.cached.store(Some(Arc::clone(&fetched)));
                in_progress.is_missing = !fetched.contains(in_progress.lookup);
                in_progress.end(None, now);
                logging::log_keys_fetched(log);
                Ok(Arc::clone(&fetched.keys))
            }
            // One of the others fetches.
            (Err(error @ (Error::Cancelled(_) | Error::Memory(_))), _) => Err(error),
            (Err(error), Some(usable)) => {
                in_progress.end(Some(error.clone()), now);
                logging::log_stale_keys(log, &error);
                Ok(Arc::clone(&usable.keys))
            }
            (Err(error), None) => {
                in_progress.end(Some(error.clone()), now);
                Err(error)
            }
        }
    }

    pub(super) fn single_flight(&self) -> Current<SingleFlight> {
        self.single_flight.get(|| SingleFlight::new(&self.requests))
    }
}

impl SingleFlight {
    fn new(project: &RequestingProject) -> SingleFlight {
        let flights = Flights {
            state: FetchState::new(project.number),
            waiting: Vec::new(),
        };
        SingleFlight {
            flights: Mutex::new(flights),
            requests: Arc::clone(&project.requests),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Flights> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FetchInProgress<'_> {
    /// When the fetch has to end.
    pub(super) fn deadline(&self) -> Instant {
        self.fetch.deadline
    }

    /// Whether the fetch may send another request at this time, which counts as sent then.
    pub(super) fn take_retry(&self, at: Instant) -> bool {
        // As in `drop`.
        if !self.process.is_current() {
            return false;
        }
        let client = self.single_flight.requests.current();
        let mut flights = self.single_flight.lock();
        let mut allowance = client.lock();
        flights
            .state
            .take_retry(self.fetch, self.limits, &mut allowance, at)
    }

    fn end(mut self, error: Option<Error>, now: Instant) {
        self.result = Some(LastFetch {
            ended_at: now,
            error,
        });
    }
}

impl Drop for FetchInProgress<'_> {
    fn drop(&mut self) {
        // In a forked child the lock may be held by a thread that the child does not have.
        if !self.process.is_current() {
            return;
        }
        let mut flights = self.single_flight.lock();
        let missing = self.is_missing.then_some(self.lookup);
        flights
            .state
            .fetch_ended(self.fetch, self.result.take(), missing);
        let waiting = std::mem::take(&mut flights.waiting);
        drop(flights);
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests;
