//! A client with a simulated clock, service and callers.

use super::*;

const LIMITS: KeyCacheLimits = KeyCacheLimits {
    ttl: Duration::from_secs(600),
    fetch_interval: Duration::from_secs(2),
};
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn key_set(ids: &[String]) -> KeySet {
    let x = "A".repeat(43);
    let keys = ids
        .iter()
        .map(|id| format!(r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "{id}", "x": "{x}"}}"#));
    let set = format!(r#"{{"keys": [{}]}}"#, keys.collect::<Vec<_>>().join(","));
    KeySet::parse(&set).unwrap_or_else(|problem| panic!("the key set {problem}"))
}

/// The validation of a token.
#[derive(Clone)]
struct Validation {
    key_id: String,
    started_at: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Accepted,
    UnknownKey,
    FetchFailed,
}

struct Fetch {
    fetch: KeyFetchInProgress,
    validation: Validation,
    ends_at: Instant,
    /// The keys at the time of the request. `None`: the service is down.
    response: Option<Vec<String>>,
}

/// A client, its callers, its service and the time.
pub(super) struct Simulation {
    pub(super) now: Instant,
    pub(super) latency: Duration,
    pub(super) published: Vec<String>,
    pub(super) is_down: bool,
    state: FetchState,
    cached: Option<CachedKeys>,
    fetch: Option<Fetch>,
    waiting: Vec<Validation>,
    /// When the keys were fetched.
    pub(super) fetches: Vec<Instant>,
    ended: Vec<(Validation, Verdict)>,
    pub(super) longest: Duration,
}

impl Simulation {
    /// A client that has the key `K0`.
    pub(super) fn new(latency: Duration) -> Simulation {
        let mut simulation = Simulation {
            now: Instant::now(),
            latency,
            published: vec!["K0".to_owned()],
            is_down: false,
            state: FetchState::default(),
            cached: None,
            fetch: None,
            waiting: Vec::new(),
            fetches: Vec::new(),
            ended: Vec::new(),
            longest: Duration::ZERO,
        };
        assert_eq!(simulation.validate_to_end("K0"), Verdict::Accepted);
        simulation
    }

    /// The service signs with this key from now on.
    pub(super) fn rotate(&mut self, key_id: &str) {
        self.published = vec![key_id.to_owned()];
    }

    /// Begins the validation of a token.
    pub(super) fn validate(&mut self, key_id: &str) {
        self.decide(Validation {
            key_id: key_id.to_owned(),
            started_at: self.now,
        });
    }

    /// Validates a token, and lets the time pass until that ends.
    pub(super) fn validate_to_end(&mut self, key_id: &str) -> Verdict {
        self.validate(key_id);
        loop {
            if let Some(verdict) = self.verdict(key_id) {
                return verdict;
            }
            self.pass(MILLISECOND);
        }
    }

    /// How the last validation of such a token that ended now has ended.
    pub(super) fn verdict(&self, key_id: &str) -> Option<Verdict> {
        let mut ended = self.ended.iter().rev();
        let found = ended.find(|(validation, _)| validation.key_id == key_id);
        found.map(|(_, verdict)| *verdict)
    }

    /// Lets the time pass, and forgets what ended before.
    pub(super) fn pass(&mut self, time: Duration) {
        self.ended.clear();
        self.now += time;
        if self
            .fetch
            .as_ref()
            .is_some_and(|fetch| fetch.ends_at <= self.now)
        {
            self.end_fetch();
        }
    }

    fn decide(&mut self, validation: Validation) {
        let lookup = KeyLookup::Token(Some(&validation.key_id));
        let time = LookupTime {
            driver: Driver::Queue(1),
            started_at: validation.started_at,
            now: self.now,
        };
        let cached = self.cached.as_ref();
        match self.state.look_up(lookup, cached, LIMITS, time) {
            LookupResult::Use(keys) if keys.contains(Some(&validation.key_id)) => {
                self.end(validation, Verdict::Accepted);
            }
            LookupResult::Use(_) => self.end(validation, Verdict::UnknownKey),
            LookupResult::Fail(Error::Token(details)) => {
                assert_eq!(details.reason, Some(Reason::UnknownKey));
                assert!(
                    details
                        .retry_after
                        .is_some_and(|seconds| (1..=2).contains(&seconds))
                );
                self.end(validation, Verdict::UnknownKey);
            }
            LookupResult::Fail(_) => self.end(validation, Verdict::FetchFailed),
            LookupResult::WaitUntil(_) => self.waiting.push(validation),
            LookupResult::Fetch => self.start_fetch(validation),
        }
    }

    fn start_fetch(&mut self, validation: Validation) {
        assert!(self.fetch.is_none(), "two fetches at the same time");
        let fetch = KeyFetchInProgress {
            driver: Driver::Queue(1),
            deadline: self.now + MINUTE,
        };
        self.state.fetch_started(fetch, LIMITS, self.now);
        self.fetches.push(self.now);
        self.fetch = Some(Fetch {
            fetch,
            validation,
            ends_at: self.now + self.latency,
            response: (!self.is_down).then(|| self.published.clone()),
        });
    }

    fn end_fetch(&mut self) {
        let Some(Fetch {
            fetch,
            validation,
            response,
            ..
        }) = self.fetch.take()
        else {
            return;
        };
        let lookup = KeyLookup::Token(Some(&validation.key_id));
        let error = match &response {
            Some(_) => None,
            None => Some(Error::network("down", Outcome::NotSent)),
        };
        let is_missing = response
            .as_ref()
            .is_some_and(|ids| !ids.contains(&validation.key_id));
        let result = LastFetch {
            ended_at: self.now,
            error,
        };
        let missing = is_missing.then_some(lookup);
        self.state.fetch_ended(fetch, Some(result), missing);
        let verdict = match response {
            Some(ids) => {
                self.cached = Some(CachedKeys::fetched(key_set(&ids), self.now));
                match is_missing {
                    true => Verdict::UnknownKey,
                    false => Verdict::Accepted,
                }
            }
            None => Verdict::FetchFailed,
        };
        self.end(validation, verdict);
        for waiting in std::mem::take(&mut self.waiting) {
            self.decide(waiting);
        }
    }

    fn end(&mut self, validation: Validation, verdict: Verdict) {
        let took = self.now.duration_since(validation.started_at);
        self.longest = self.longest.max(took);
        self.ended.push((validation, verdict));
    }

    /// The largest number of fetches in a minute.
    pub(super) fn fetches_in_a_minute(&self) -> usize {
        let in_minute_from = |start: &Instant| {
            let fetches = self.fetches.iter().skip_while(move |at| *at < start);
            fetches.take_while(|at| **at < *start + MINUTE).count()
        };
        let counts = self.fetches.iter().map(in_minute_from);
        counts.max().unwrap_or_default()
    }
}
