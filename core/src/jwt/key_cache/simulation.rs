//! A client with a simulated clock, service and callers. It counts the requests for keys.

use std::cell::RefCell;
use std::rc::Rc;

use super::validation::{CallEnd, Validation, Verdict};
use super::*;

pub(super) const LIMITS: KeyCacheLimits = KeyCacheLimits {
    ttl: Duration::from_secs(600),
    fetch_interval: Duration::from_secs(2),
};
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: usize = 3;

pub(super) fn key_set(ids: &[String]) -> KeySet {
    let x = "A".repeat(43);
    let keys = ids
        .iter()
        .map(|id| format!(r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "{id}", "x": "{x}"}}"#));
    let set = format!(r#"{{"keys": [{}]}}"#, keys.collect::<Vec<_>>().join(","));
    KeySet::parse(&set).unwrap_or_else(|problem| panic!("the key set {problem}"))
}

struct Fetch {
    fetch: KeyFetchInProgress,
    validation: Validation,
    attempts: usize,
    /// When the request or the pause before it ends.
    continues_at: Instant,
    request: Option<Request>,
}

struct Request {
    /// The keys at the time of the request. `None`: the service fails.
    response: Option<Vec<String>>,
}

struct Waiting {
    validation: Validation,
    until: Instant,
}

/// What the projects of a client share.
pub(super) type SharedAllowance = Rc<RefCell<ClientAllowance>>;

/// A project of a client, its callers, its service and the time.
pub(super) struct Simulation {
    client: SharedAllowance,
    pub(super) now: Instant,
    pub(super) latency: Duration,
    pub(super) published: Vec<String>,
    /// The service answers one request of so many.
    pub(super) answers_one_of: Option<usize>,
    state: FetchState,
    cached: Option<CachedKeys>,
    fetches: Vec<Fetch>,
    waiting: Vec<Waiting>,
    /// When keys were requested.
    pub(super) requests: Vec<Instant>,
    ended: Vec<(Validation, Verdict)>,
    pub(super) longest: Duration,
    /// When a refused caller is told to try again, at most, in seconds.
    pub(super) longest_advice: u64,
}

impl Simulation {
    /// A client that has the key `K0`.
    pub(super) fn new(latency: Duration) -> Simulation {
        let mut simulation = Simulation::without_keys(latency);
        assert_eq!(simulation.validate_to_end("K0"), Verdict::Accepted);
        simulation
    }

    /// A client that has no keys yet.
    pub(super) fn without_keys(latency: Duration) -> Simulation {
        Simulation {
            now: Instant::now(),
            latency,
            published: vec!["K0".to_owned()],
            answers_one_of: Some(1),
            state: FetchState::new(0),
            client: SharedAllowance::default(),
            cached: None,
            fetches: Vec::new(),
            waiting: Vec::new(),
            requests: Vec::new(),
            ended: Vec::new(),
            longest: Duration::ZERO,
            longest_advice: 3,
        }
    }

    /// The same, as one of the projects of a client.
    pub(super) fn of_client(mut self, client: &SharedAllowance, project: u64) -> Simulation {
        self.client = Rc::clone(client);
        self.state = FetchState::new(project);
        self
    }

    /// The service signs with this key from now on.
    pub(super) fn rotate(&mut self, key_id: &str) {
        self.published = vec![key_id.to_owned()];
    }

    /// A validation that starts now.
    pub(super) fn validation(&self, key_id: &str) -> Validation {
        Validation {
            key_id: key_id.to_owned(),
            is_new: false,
            queue: 1,
            started_at: self.now,
            ends: CallEnd::TimedOut(self.now + MINUTE),
        }
    }

    /// Begins the validation of a token.
    pub(super) fn validate(&mut self, key_id: &str) {
        self.decide(self.validation(key_id));
    }

    /// Begins the validation of a token in a call that is cancelled after this time.
    pub(super) fn validate_for(&mut self, key_id: &str, time: Duration) {
        self.decide(Validation {
            ends: CallEnd::Cancelled(self.now + time),
            ..self.validation(key_id)
        });
    }

    /// Begins the validation of a token in a call that times out after this time.
    pub(super) fn validate_with_timeout(&mut self, key_id: &str, time: Duration) {
        self.decide(Validation {
            ends: CallEnd::TimedOut(self.now + time),
            ..self.validation(key_id)
        });
    }

    /// Begins the validation of a token in a call of another queue.
    pub(super) fn validate_in_queue(&mut self, queue: u64, key_id: &str) {
        self.decide(Validation {
            queue,
            ..self.validation(key_id)
        });
    }

    /// Begins the validation of a token that the service has just issued.
    pub(super) fn validate_new(&mut self, key_id: &str) {
        self.decide(Validation {
            is_new: true,
            ..self.validation(key_id)
        });
    }

    /// Validates a token, and lets the time pass until that ends.
    pub(super) fn validate_to_end(&mut self, key_id: &str) -> Verdict {
        self.validate(key_id);
        self.wait_for(key_id)
    }

    /// Lets the time pass until the validation of such a token ends.
    pub(super) fn wait_for(&mut self, key_id: &str) -> Verdict {
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
        let end = self.now + time;
        while let Some(at) = self.next_event().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.go_on();
        }
        self.now = end;
    }

    fn next_event(&self) -> Option<Instant> {
        let fetches = self.fetches.iter();
        let fetches = fetches.map(|fetch| fetch.continues_at.min(fetch.validation.ends.at()));
        let waiting = self.waiting.iter();
        let waiting = waiting.map(|one| one.until.min(one.validation.ends.at()));
        fetches.chain(waiting).min()
    }

    /// Does what is to be done now.
    fn go_on(&mut self) {
        let now = self.now;
        let gives_up = |validation: &Validation| validation.ends.at() <= now;
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (given_up, waiting) = waiting.partition(|one| gives_up(&one.validation));
        self.waiting = waiting;
        for Waiting { validation, .. } in given_up {
            self.end(validation, Verdict::GaveUp);
        }
        let in_progress = std::mem::take(&mut self.fetches).into_iter();
        let (given_up, in_progress) = in_progress.partition(|one| gives_up(&one.validation));
        let in_progress: Vec<Fetch> = in_progress;
        let (continues, in_progress) = in_progress
            .into_iter()
            .partition(|one| one.continues_at <= now);
        self.fetches = in_progress;
        given_up.into_iter().for_each(|fetch| self.give_up(fetch));
        let continues: Vec<Fetch> = continues;
        continues
            .into_iter()
            .for_each(|fetch| self.continue_fetch(fetch));
        self.wake(|one| one.until <= now);
    }

    /// Lets some that wait decide again.
    fn wake(&mut self, is_woken: impl Fn(&Waiting) -> bool) {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (woken, waiting) = waiting.partition(is_woken);
        self.waiting = waiting;
        // The newest are the most likely to be forged and cancelled.
        let woken: Vec<Waiting> = woken;
        for Waiting { validation, .. } in woken.into_iter().rev() {
            self.decide(validation);
        }
    }

    fn decide(&mut self, validation: Validation) {
        let time = LookupTime {
            driver: Driver::Queue(validation.queue),
            started_at: validation.started_at,
            now: self.now,
        };
        let cached = self.cached.as_ref();
        let lookup = validation.lookup();
        let result = self
            .state
            .look_up(lookup, cached, LIMITS, &self.client.borrow(), time);
        match result {
            LookupResult::Use(keys) if keys.contains(Some(&validation.key_id)) => {
                self.end(validation, Verdict::Accepted);
            }
            LookupResult::Use(_) => self.end(validation, Verdict::UnknownKey),
            LookupResult::Fail(Error::Token(details)) => {
                assert_eq!(details.reason, Some(Reason::UnknownKey));
                assert!(
                    details
                        .retry_after
                        .is_some_and(|seconds| (1..=self.longest_advice).contains(&seconds))
                );
                assert!(!validation.is_new, "refused a genuine token");
                self.end(validation, Verdict::TryAgain);
            }
            LookupResult::Fail(_) => self.end(validation, Verdict::FetchFailed),
            LookupResult::WaitUntil(until) => {
                assert!(until > self.now, "waits for the past");
                self.waiting.push(Waiting { validation, until });
            }
            LookupResult::Fetch(urgency) => self.start_fetch(validation, urgency),
        }
    }

    fn start_fetch(&mut self, validation: Validation, urgency: Urgency) {
        let driver = Driver::Queue(validation.queue);
        let mut fetches = self.fetches.iter();
        let is_second = fetches.any(|other| other.fetch.driver == driver);
        assert!(!is_second, "two fetches at the same time");
        let fetch = KeyFetchInProgress {
            driver,
            started_at: self.now,
            deadline: self.now + MINUTE,
            urgency,
        };
        self.state
            .fetch_started(fetch, LIMITS, &mut self.client.borrow_mut());
        self.continue_fetch(Fetch {
            fetch,
            validation,
            attempts: 0,
            continues_at: self.now,
            request: None,
        });
    }

    /// Sends a request, or receives its response.
    fn continue_fetch(&mut self, mut fetch: Fetch) {
        match fetch.request.take() {
            None => {
                fetch.attempts += 1;
                fetch.continues_at = self.now + self.latency;
                let number = self.requests.len();
                let answers = self.answers_one_of.is_some_and(|of| number % of == of - 1);
                let response = answers.then(|| self.published.clone());
                fetch.request = Some(Request { response });
                self.requests.push(self.now);
                self.fetches.push(fetch);
            }
            Some(Request {
                response: Some(ids),
            }) => self.succeed(fetch, &ids),
            Some(Request { response: None }) => {
                let delay = Duration::from_millis(if fetch.attempts == 1 { 100 } else { 1_000 });
                let at = self.now + delay;
                let may_retry = fetch.attempts < MAX_ATTEMPTS;
                let mut take_retry = || {
                    let mut client = self.client.borrow_mut();
                    self.state.take_retry(fetch.fetch, LIMITS, &mut client, at)
                };
                if may_retry && take_retry() {
                    fetch.continues_at = at;
                    self.fetches.push(fetch);
                } else {
                    let error = Error::network("down", Outcome::NotSent);
                    self.end_fetch(fetch, Some(Some(error)), false, Verdict::FetchFailed);
                }
            }
        }
    }

    fn succeed(&mut self, fetch: Fetch, ids: &[String]) {
        let requested_at = fetch.fetch.started_at;
        self.cached = Some(CachedKeys::fetched(key_set(ids), requested_at, self.now));
        let is_missing = !ids.contains(&fetch.validation.key_id);
        let verdict = match is_missing {
            true => Verdict::UnknownKey,
            false => Verdict::Accepted,
        };
        self.end_fetch(fetch, Some(None), is_missing, verdict);
    }

    fn give_up(&mut self, fetch: Fetch) {
        let result = match fetch.validation.ends {
            CallEnd::Cancelled(_) => None,
            CallEnd::TimedOut(_) => Some(Some(Error::timeout("late", Outcome::NotSent))),
        };
        self.end_fetch(fetch, result, false, Verdict::GaveUp);
    }

    /// `result` is that of the fetch, unless it was cancelled.
    fn end_fetch(
        &mut self,
        fetch: Fetch,
        result: Option<Option<Error>>,
        is_missing: bool,
        verdict: Verdict,
    ) {
        let result = result.map(|error| LastFetch {
            ended_at: self.now,
            error,
        });
        let missing = is_missing.then(|| fetch.validation.lookup());
        self.state.fetch_ended(fetch.fetch, result, missing);
        self.end(fetch.validation, verdict);
        self.wake(|_| true);
    }

    fn end(&mut self, validation: Validation, verdict: Verdict) {
        let took = self.now.duration_since(validation.started_at);
        self.longest = self.longest.max(took);
        self.ended.push((validation, verdict));
    }

    /// The largest number of requests in a minute.
    pub(super) fn requests_in_a_minute(&self) -> usize {
        most_in_a_minute(&self.requests)
    }
}

/// The largest number of these times, which are in order, in a minute.
pub(super) fn most_in_a_minute(times: &[Instant]) -> usize {
    let in_minute_from = |start: &Instant| {
        let requests = times.iter().skip_while(move |at| *at < start);
        requests.take_while(|at| **at <= *start + MINUTE).count()
    };
    times.iter().map(in_minute_from).max().unwrap_or_default()
}
