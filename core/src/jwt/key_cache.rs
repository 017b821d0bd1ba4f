//! When cached public keys are used, and when they are fetched again. Pure decisions: the caller holds
//! the lock, fetches, waits, and passes the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::client_allowance::ClientAllowance;
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

/// Fetches of a project's keys: those in progress, the last one, and how many more are allowed.
pub(crate) struct FetchState {
    /// The project, in the allowance of its client.
    project: u64,
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
    pub(crate) urgency: Urgency,
}

/// Why a fetch waits for the allowance of its project for a short time only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// It does not.
    None,
    /// No keys are cached.
    NoKeys,
    /// The service has just issued the token, so it is genuine.
    NewKey,
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
    Fetch(Urgency),
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
    /// `project` is the number of the project in the allowance of its client.
    pub(crate) fn new(project: u64) -> FetchState {
        FetchState {
            project,
            in_progress: Vec::new(),
            last_fetch: None,
            was_cancelled: false,
            allowance: FetchAllowance::default(),
            missing: MissingKeyIds::default(),
        }
    }

    /// Decides what a caller has to do.
    pub(crate) fn look_up(
        &self,
        lookup: KeyLookup<'_>,
        cached: Option<&CachedKeys>,
        limits: KeyCacheLimits,
        client: &ClientAllowance,
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
        let urgency = match cached {
            _ if is_new_key => Urgency::NewKey,
            None => Urgency::NoKeys,
            Some(_) => Urgency::None,
        };
        let turn_at = self.turn_at(urgency, limits, client, time);
        let may_follow_failure = is_new_key && cached.is_some();
        let is_too_soon = !may_follow_failure && self.is_too_soon(cached.is_some(), now);
        if turn_at.is_none() && !is_too_soon {
            return LookupResult::Fetch(urgency);
        }
        if let Some(cached) = with_key {
            return use_cached(cached);
        }
        let wait = turn_at.map(|turn_at| turn_at.saturating_duration_since(now));
        match turn_at {
            Some(turn_at)
                if !is_too_soon
                    && self.may_wait(urgency)
                    && (is_new_key || wait <= Some(MAX_ALLOWANCE_WAIT)) =>
            {
                LookupResult::WaitUntil(turn_at)
            }
            _ => LookupResult::Fail(match self.last_error() {
                Some(error) => error.clone(),
                None => no_fetch_left(wait.unwrap_or_default()),
            }),
        }
    }

    /// When the caller may fetch, as far as the allowances are concerned. `None`: now.
    fn turn_at(
        &self,
        urgency: Urgency,
        limits: KeyCacheLimits,
        client: &ClientAllowance,
        time: LookupTime,
    ) -> Option<Instant> {
        let next_at = self.next_at(urgency, limits, client, time.now)?;
        let turn_at = match self.was_cancelled && urgency != Urgency::NewKey {
            true => turn_at(next_at, time.started_at),
            false => next_at,
        };
        (time.now < turn_at).then_some(turn_at)
    }

    /// When the allowances of the project and of its client allow a request. `None`: at any time.
    fn next_at(
        &self,
        urgency: Urgency,
        limits: KeyCacheLimits,
        client: &ClientAllowance,
        now: Instant,
    ) -> Option<Instant> {
        let interval = limits.fetch_interval;
        let of_project = self.allowance.next_at(interval, urgency != Urgency::None);
        let is_new_key = urgency == Urgency::NewKey;
        of_project.max(client.next_at(self.project, is_new_key, interval, now))
    }

    /// Whether a caller waits for the allowance instead of being refused.
    fn may_wait(&self, urgency: Urgency) -> bool {
        let has_failed = match self.last_error() {
            // The timeout of one caller says nothing about the server.
            None | Some(Error::Timeout(_)) => false,
            Some(_) => true,
        };
        // What a cancelled call has requested is lost. Without a wait, calls that are soon cancelled could
        // take each turn from those that need the keys.
        match urgency {
            Urgency::NewKey => true,
            Urgency::NoKeys => self.was_cancelled || !has_failed,
            Urgency::None => self.was_cancelled,
        }
    }

    /// Notes the start of a fetch, and its first request.
    pub(crate) fn fetch_started(
        &mut self,
        fetch: KeyFetchInProgress,
        limits: KeyCacheLimits,
        client: &mut ClientAllowance,
    ) {
        self.in_progress.push(fetch);
        self.take(fetch, limits, client, fetch.started_at);
    }

    /// Whether a fetch may send another request at this time. It counts as sent.
    pub(crate) fn take_retry(
        &mut self,
        fetch: KeyFetchInProgress,
        limits: KeyCacheLimits,
        client: &mut ClientAllowance,
        at: Instant,
    ) -> bool {
        let next_at = self.next_at(fetch.urgency, limits, client, at);
        let is_allowed = next_at.is_none_or(|next_at| next_at <= at);
        if is_allowed {
            self.take(fetch, limits, client, at);
        }
        is_allowed
    }

    /// Takes a request of a fetch that is sent at this time.
    fn take(
        &mut self,
        fetch: KeyFetchInProgress,
        limits: KeyCacheLimits,
        client: &mut ClientAllowance,
        at: Instant,
    ) {
        self.allowance.take(limits.fetch_interval, at);
        client.take(self.project, limits.fetch_interval, at, fetch.started_at);
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
mod many_projects;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod validation;
