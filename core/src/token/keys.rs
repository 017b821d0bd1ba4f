//! The public keys that a client knows: cached, fetched by one caller at a time, kept when a fetch
//! fails.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};

use super::KeySet;
use super::jws::LatestHead;
use crate::error::{Error, Failure};
use crate::journal;
use crate::status::Outcome;
use crate::sys;

/// How long a project of which no keys are known is left alone after a fetch has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a caller whose key is known waits at the most for newer ones.
const PATIENCE: Duration = Duration::from_secs(2);

/// How old keys may be, and how often they may be asked for.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// After which time a set is fetched again.
    pub(crate) time_to_live: Duration,
    /// The least time between two fetches while a set is known: forged key IDs must not become
    /// requests.
    pub(crate) interval: Duration,
}

/// What keys are wanted for.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// For a token with this key ID, or with none.
    Token(Option<&'a str>),
    /// The same for a token that the service itself has just given, which is not forged: no interval
    /// keeps its key from being fetched.
    Issued(Option<&'a str>),
    /// For tokens that are yet to come.
    Any,
}

/// The keys of one project.
pub(crate) struct Keyring {
    limits: Limits,
    /// Read without a lock by every check of a token.
    known: ArcSwapOption<Known>,
    /// Replaced in a forked child: the parent's lock may be held by a thread that the child lacks.
    flights: ArcSwap<Flights>,
    /// What the project's tokens begin with.
    pub(super) latest_head: LatestHead,
}

struct Known {
    keys: Arc<KeySet>,
    fetched: Instant,
    is_pinned: bool,
}

/// Who fetches.
struct Flights {
    generation: u64,
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Default)]
struct State {
    /// Who fetches just now.
    in_flight: Option<ThreadId>,
    /// When the last fetch ended, and how if it failed.
    last: Option<(Instant, Option<Error>)>,
}

/// What a caller is to do.
enum Turn<'a> {
    /// Fetch; the slot is free again when this is dropped.
    Fetch(Landing<'a>),
    /// Go on with what is known.
    Enough,
}

/// Ends a flight, also by panic.
struct Landing<'a> {
    flights: &'a Flights,
    result: Option<(Instant, Option<Error>)>,
}

impl Keyring {
    pub(crate) fn new(limits: Limits) -> Keyring {
        Keyring {
            limits,
            known: ArcSwapOption::const_empty(),
            flights: ArcSwap::from_pointee(Flights::new()),
            latest_head: LatestHead::default(),
        }
    }

    /// Keys that are given once and for all: nothing is ever fetched.
    pub(crate) fn pinned(limits: Limits, keys: Arc<KeySet>) -> Keyring {
        let ring = Keyring::new(limits);
        ring.known.store(Some(Arc::new(Known {
            keys,
            fetched: Instant::now(),
            is_pinned: true,
        })));
        ring
    }

    /// The keys as they are known now; `None` when it takes a fetch to know whether there are such, or a
    /// fetch is due.
    pub(crate) fn at_hand(&self, wanted: Wanted<'_>) -> Option<Arc<KeySet>> {
        let known = self.known.load();
        let known = known.as_ref()?;
        let is_fresh = known.is_pinned || known.fetched.elapsed() < self.limits.time_to_live;
        if (known.has(wanted) && is_fresh) || known.is_pinned {
            return Some(Arc::clone(&known.keys));
        }
        let flights = self.flights();
        let state = flights.lock();
        let is_enough = match (known.has(wanted), state.in_flight.is_some()) {
            (true, true) => true,
            (false, true) => false,
            (true, false) => self.is_too_early(&state, true),
            (false, false) => {
                self.is_too_early(&state, true)
                    && state.failure().is_none()
                    && !matches!(wanted, Wanted::Issued(_))
            }
        };
        is_enough.then(|| Arc::clone(&known.keys))
    }

    /// The keys of the project. They are fetched when those that are wanted are not among them, or they
    /// are too old.
    ///
    /// # Errors
    ///
    /// Why they could not be fetched; no error while those that are wanted are known.
    pub(crate) fn get(
        &self,
        wanted: Wanted<'_>,
        deadline: Instant,
        fetch: impl FnOnce(Instant) -> Result<KeySet, Error>,
    ) -> Result<Arc<KeySet>, Error> {
        if let Some(keys) = self.at_hand(wanted) {
            return Ok(keys);
        }
        let flights = self.flights();
        if let Turn::Fetch(mut landing) = self.turn(&flights, wanted, deadline)? {
            let has_key = self
                .known
                .load()
                .as_ref()
                .is_some_and(|known| known.has(wanted));
            let result = fetch(match has_key {
                true => deadline.min(Instant::now() + PATIENCE),
                false => deadline,
            });
            let error = result.as_ref().err().cloned();
            if let Ok(keys) = result {
                journal::keys_fetched();
                self.known.store(Some(Arc::new(Known {
                    keys: Arc::new(keys),
                    fetched: Instant::now(),
                    is_pinned: false,
                })));
            }
            landing.result = Some((Instant::now(), error.clone()));
            drop(landing);
            match error {
                Some(error) if has_key => journal::keys_kept(&error),
                Some(error) => return Err(error),
                None => {}
            }
        }
        match &*self.known.load() {
            Some(known) => Ok(Arc::clone(&known.keys)),
            None => Err(Error::internal("while reading the project's keys")),
        }
    }

    /// Waits for the fetch that is under way, if it can help this caller, or takes the next one.
    fn turn<'a>(
        &self,
        flights: &'a Flights,
        wanted: Wanted<'_>,
        deadline: Instant,
    ) -> Result<Turn<'a>, Error> {
        let mut state = flights.lock();
        loop {
            let known = self.known.load();
            let has_key = known.as_ref().is_some_and(|known| known.has(wanted));
            // A log's callback that needs keys while its own thread fetches them does not wait for itself.
            let me = thread::current().id();
            if state.in_flight.is_none_or(|fetching| fetching == me) {
                let is_urgent = matches!(wanted, Wanted::Issued(_)) && known.is_some() && !has_key;
                if !is_urgent && self.is_too_early(&state, known.is_some()) {
                    return match state.failure().filter(|_| !has_key) {
                        Some(error) => Err(error.clone()),
                        None => Ok(Turn::Enough),
                    };
                }
                state.in_flight = Some(me);
                return Ok(Turn::Fetch(Landing {
                    flights,
                    result: None,
                }));
            }
            if has_key {
                return Ok(Turn::Enough);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Timeout(Failure::new(
                    "the deadline passed while another call fetched the project's public keys",
                    Outcome::NotSent,
                )));
            }
            let waited = flights.landed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the last fetch was so recent that another one has to wait.
    fn is_too_early(&self, state: &State, has_keys: bool) -> bool {
        let pause = if has_keys {
            self.limits.interval
        } else {
            PAUSE
        };
        match &state.last {
            // Who gave up at its own deadline says little about the next.
            Some((_, Some(Error::Timeout(_)))) if !has_keys => false,
            Some((ended, Some(Error::Timeout(_)))) => ended.elapsed() < pause.min(PAUSE),
            Some((ended, _)) => ended.elapsed() < pause,
            None => false,
        }
    }

    /// The flights of this process.
    fn flights(&self) -> Arc<Flights> {
        let flights = self.flights.load_full();
        if flights.generation == sys::generation() {
            return flights;
        }
        // The parent's lock is left alone for good, not even freed: it may be held over there.
        let mine = Arc::new(Flights::new());
        let before = self.flights.compare_and_swap(&flights, mine);
        if before.generation != sys::generation() {
            std::mem::forget(Arc::clone(&before));
        }
        self.flights.load_full()
    }
}

impl State {
    /// How the last fetch failed, if it did.
    fn failure(&self) -> Option<&Error> {
        self.last.as_ref()?.1.as_ref()
    }
}

impl Known {
    fn has(&self, wanted: Wanted<'_>) -> bool {
        match wanted {
            Wanted::Token(id) | Wanted::Issued(id) => self.keys.has(id),
            Wanted::Any => true,
        }
    }
}

impl Flights {
    fn new() -> Flights {
        Flights {
            generation: sys::generation(),
            state: Mutex::new(State::default()),
            landed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let mut state = self.flights.lock();
        state.in_flight = None;
        if let Some(result) = self.result.take() {
            state.last = Some(result);
        }
        drop(state);
        self.flights.landed.notify_all();
    }
}

#[cfg(test)]
mod tests;
