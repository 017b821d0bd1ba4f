//! When cached public keys are used, and when they are fetched again. Pure decisions: the caller holds
//! the lock, fetches, waits, and passes the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::fetch_allowance::{
    FetchAllowance, MAX_URGENT_WAIT, MISSING_FOR, MissingKeyIds, turn_at,
};
use super::jwk::KeySet;
use crate::error::{Error, ErrorDetails, Reason};
use crate::net::Driver;
use crate::status::Outcome;

/// How long a failed fetch is not repeated while no keys are cached, or after a timeout.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long a failed fetch is not repeated while keys are cached.
const RETRY_WITH_KEYS: Duration = Duration::from_secs(5);

/// How long a call waits for the allowance. If that takes longer, it is refused.
const MAX_ALLOWANCE_WAIT: Duration = MAX_URGENT_WAIT.saturating_mul(2);

/// How long keys are cached, and how often they may be fetched.
#[derive(Clone, Copy)]
pub(crate) struct KeyCacheLimits {
    /// The age at which keys are fetched again.
    pub(crate) ttl: Duration,
    /// The time in which the allowance of requests grows by one. Each request draws on it, whatever it is for.
    pub(crate) fetch_interval: Duration,
}

/// What keys are needed for.
#[derive(Clone, Copy)]
pub(crate) enum KeyLookup<'a> {
    /// A token of the caller with this `kid`.
    Token(Option<&'a str>),
    /// A token with this `kid` that the service has just issued. It is not forged, so it is not refused
    /// because of fetches for others.
    NewToken(Option<&'a str>),
    /// Tokens that are still to come.
    AnyToken,
}

/// Keys that have been fetched or configured.
pub(crate) struct CachedKeys {
    pub(crate) keys: Arc<KeySet>,
    /// The keys are at least as new as that.
    requested_at: Instant,
    fetched_at: Instant,
    /// Whether the keys are configured: they never expire, and none are fetched.
    is_configured: bool,
}

/// Who looks up keys, and when.
#[derive(Clone, Copy)]
pub(crate) struct LookupTime {
    /// What drives the call.
    pub(crate) driver: Driver,
    /// When the call began to look for keys.
    pub(crate) started_at: Instant,
    pub(crate) now: Instant,
}

/// Fetches of keys: those in progress, the last one, and how many more are allowed.
#[derive(Default)]
pub(crate) struct FetchState {
    /// The fetches in progress.
    in_progress: Vec<KeyFetchInProgress>,
    last_fetch: Option<LastFetch>,
    /// Whether the last call that fetched was cancelled.
    was_cancelled: bool,
    allowance: FetchAllowance,
    missing: MissingKeyIds,
}

/// A fetch that has not ended. Nobody relies on it after its deadline: its driver may be a queue that
/// nobody runs any more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyFetchInProgress {
    pub(crate) driver: Driver,
    pub(crate) started_at: Instant,
    pub(crate) deadline: Instant,
    /// Whether it waits for the allowance for a short time only: no keys are cached, or the token is
    /// certainly genuine.
    pub(crate) is_urgent: bool,
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
    /// Give up: it is too soon for another fetch.
    Fail(Error),
    /// Fetch the keys.
    Fetch { is_urgent: bool },
    /// Wait until a fetch has ended, or until this time, and look again.
    WaitUntil(Instant),
}

impl CachedKeys {
    pub(crate) fn fetched(keys: KeySet, requested_at: Instant, now: Instant) -> CachedKeys {
        CachedKeys {
            keys: Arc::new(keys),
            requested_at,
            fetched_at: now,
            is_configured: false,
        }
    }

    pub(crate) fn configured(keys: Arc<KeySet>, now: Instant) -> CachedKeys {
        CachedKeys {
            keys,
            requested_at: now,
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
    /// Decides what a caller has to do.
    pub(crate) fn look_up(
        &self,
        lookup: KeyLookup<'_>,
        cached: Option<&CachedKeys>,
        limits: KeyCacheLimits,
        time: LookupTime,
    ) -> LookupResult {
        let now = time.now;
        let use_cached = |cached: &CachedKeys| LookupResult::Use(Arc::clone(&cached.keys));
        if let Some(cached) = cached.filter(|cached| cached.is_current(lookup, limits.ttl, now)) {
            return use_cached(cached);
        }
        let with_key = cached.filter(|cached| cached.contains(lookup));
        let in_time = self.in_progress.iter().filter(|one| now < one.deadline);
        // Keys that are only too old are good enough while they are refreshed.
        if let Some(cached) = with_key.filter(|_| in_time.clone().next().is_some()) {
            return use_cached(cached);
        }
        if let (Some(cached), KeyLookup::Token(id), None) = (cached, lookup, with_key) {
            if self.is_known_to_be_missing(id, cached, limits, time) {
                return use_cached(cached);
            }
        }
        let useful = in_time.filter(|one| time.driver.can_wait_for(one.driver));
        if let Some(until) = useful.map(|one| one.deadline).max() {
            return LookupResult::WaitUntil(until);
        }
        let is_new_key = matches!(lookup, KeyLookup::NewToken(_)) && with_key.is_none();
        let is_urgent = is_new_key || cached.is_none();
        let turn_at = self.turn_at(is_new_key, is_urgent, limits, time);
        let may_follow_failure = is_new_key && cached.is_some();
        let is_too_soon = !may_follow_failure && self.is_too_soon(cached.is_some(), now);
        if turn_at.is_none() && !is_too_soon {
            return LookupResult::Fetch { is_urgent };
        }
        if let Some(cached) = with_key {
            return use_cached(cached);
        }
        let wait = turn_at.map(|turn_at| turn_at.saturating_duration_since(now));
        match turn_at {
            Some(turn_at)
                if !is_too_soon
                    && self.may_wait(is_new_key, is_urgent)
                    && wait <= Some(MAX_ALLOWANCE_WAIT) =>
            {
                LookupResult::WaitUntil(turn_at)
            }
            _ => LookupResult::Fail(match self.last_error() {
                Some(error) => error.clone(),
                None => no_fetch_left(wait.unwrap_or_default()),
            }),
        }
    }

    /// When the caller may fetch, as far as the allowance is concerned. `None`: now.
    fn turn_at(
        &self,
        is_new_key: bool,
        is_urgent: bool,
        limits: KeyCacheLimits,
        time: LookupTime,
    ) -> Option<Instant> {
        let next_at = self.allowance.next_at(limits.fetch_interval, is_urgent)?;
        let turn_at = match self.was_cancelled && !is_new_key {
            true => turn_at(next_at, time.started_at),
            false => next_at,
        };
        (time.now < turn_at).then_some(turn_at)
    }

    /// Whether a caller waits for the allowance instead of being refused.
    fn may_wait(&self, is_new_key: bool, is_urgent: bool) -> bool {
        let has_failed = match self.last_error() {
            // The timeout of one caller says nothing about the server.
            None | Some(Error::Timeout(_)) => false,
            Some(_) => true,
        };
        // What a cancelled call has requested is lost. Without a wait, calls that are soon cancelled could
        // take each turn from those that need the keys.
        self.was_cancelled || is_new_key || (is_urgent && !has_failed)
    }

    /// Notes the start of a fetch, and its first request.
    pub(crate) fn fetch_started(&mut self, fetch: KeyFetchInProgress, limits: KeyCacheLimits) {
        self.in_progress.push(fetch);
        self.allowance.take(limits.fetch_interval, fetch.started_at);
    }

    /// Whether a fetch may send another request at this time. It counts as sent.
    pub(crate) fn take_retry(
        &mut self,
        fetch: KeyFetchInProgress,
        limits: KeyCacheLimits,
        at: Instant,
    ) -> bool {
        let interval = limits.fetch_interval;
        let next_at = self.allowance.next_at(interval, fetch.is_urgent);
        let is_allowed = next_at.is_none_or(|next_at| next_at <= at);
        if is_allowed {
            self.allowance.take(interval, at);
        }
        is_allowed
    }

    /// Notes the end of a fetch. Without a result, its call was cancelled. Its requests count nevertheless:
    /// otherwise, anybody could cause any number of them. `missing` was looked for and is not among the keys.
    pub(crate) fn fetch_ended(
        &mut self,
        fetch: KeyFetchInProgress,
        result: Option<LastFetch>,
        missing: Option<KeyLookup<'_>>,
    ) {
        let ended = self.in_progress.iter().position(|other| *other == fetch);
        ended.map(|index| self.in_progress.swap_remove(index));
        self.was_cancelled = result.is_none();
        let Some(result) = result else {
            return;
        };
        if let Some(KeyLookup::Token(id)) = missing {
            self.missing.insert(id, fetch.started_at);
        }
        self.last_fetch = Some(result);
    }

    /// Whether it is already known that the keys do not contain this one, because they were requested after
    /// the call has started, or just now. So nobody waits for more than one fetch of others (two, if they take
    /// longer than [`MISSING_FOR`]), however many tokens with unknown keys arrive.
    fn is_known_to_be_missing(
        &self,
        id: Option<&str>,
        cached: &CachedKeys,
        limits: KeyCacheLimits,
        time: LookupTime,
    ) -> bool {
        let is_recent = |cached: &CachedKeys| {
            let age = time.now.saturating_duration_since(cached.requested_at);
            age < MISSING_FOR.min(limits.fetch_interval)
        };
        time.started_at < cached.requested_at
            || (time.started_at < cached.fetched_at && is_recent(cached))
            || self.missing.contains(id, limits.fetch_interval, time.now)
    }

    /// Whether the last fetch failed so recently that the next one has to wait.
    fn is_too_soon(&self, has_keys: bool, now: Instant) -> bool {
        let Some(last) = &self.last_fetch else {
            return false;
        };
        let interval = match (has_keys, &last.error) {
            // The timeout of one caller says nothing about the server.
            (_, None) | (false, Some(Error::Timeout(_))) => return false,
            (false, Some(_)) | (true, Some(Error::Timeout(_))) => RETRY_AFTER_FAILURE,
            (true, Some(_)) => RETRY_WITH_KEYS,
        };
        now.saturating_duration_since(last.ended_at) < interval
    }

    fn last_error(&self) -> Option<&Error> {
        self.last_fetch.as_ref()?.error.as_ref()
    }
}

/// The error for a token that may be genuine, signed with a new key.
fn no_fetch_left(wait: Duration) -> Error {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let message = format!(
        "the token is signed with an unknown key (`kid`), and the public keys were fetched too often \
         for such tokens: if it is genuine, validate it again in {seconds} s"
    );
    Error::Token(Box::new(ErrorDetails {
        reason: Some(Reason::UnknownKey),
        retry_after: Some(seconds),
        ..ErrorDetails::new(message, Outcome::NotSent)
    }))
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
