//! The key cache under forged tokens, with a simulated clock, service and callers.

use proptest::prelude::*;

use super::*;

const LIMITS: KeyCacheLimits = KeyCacheLimits {
    ttl: Duration::from_secs(600),
    fetch_interval: Duration::from_secs(2),
};
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
/// The time from a fetch to its response, unless a test says otherwise.
const LATENCY: Duration = Duration::from_millis(200);
/// How soon a genuine token is accepted, whatever forged ones arrive.
const PROMPT: Duration = Duration::from_millis(2_500);

fn key_set(ids: &[String]) -> KeySet {
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
enum Verdict {
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
struct Simulation {
    now: Instant,
    latency: Duration,
    published: Vec<String>,
    is_down: bool,
    state: FetchState,
    cached: Option<CachedKeys>,
    fetch: Option<Fetch>,
    waiting: Vec<Validation>,
    /// When the keys were fetched.
    fetches: Vec<Instant>,
    ended: Vec<(Validation, Verdict)>,
    longest: Duration,
}

impl Simulation {
    /// A client that has the key `K0`.
    fn new(latency: Duration) -> Simulation {
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
    fn rotate(&mut self, key_id: &str) {
        self.published = vec![key_id.to_owned()];
    }

    /// Begins the validation of a token.
    fn validate(&mut self, key_id: &str) {
        self.decide(Validation {
            key_id: key_id.to_owned(),
            started_at: self.now,
        });
    }

    /// Validates a token, and lets the time pass until that ends.
    fn validate_to_end(&mut self, key_id: &str) -> Verdict {
        self.validate(key_id);
        loop {
            if let Some(verdict) = self.verdict(key_id) {
                return verdict;
            }
            self.pass(MILLISECOND);
        }
    }

    /// How the last validation of such a token that ended now has ended.
    fn verdict(&self, key_id: &str) -> Option<Verdict> {
        let mut ended = self.ended.iter().rev();
        let found = ended.find(|(validation, _)| validation.key_id == key_id);
        found.map(|(_, verdict)| *verdict)
    }

    /// Lets the time pass, and forgets what ended before.
    fn pass(&mut self, time: Duration) {
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
    fn fetches_in_a_minute(&self) -> usize {
        let in_minute_from = |start: &Instant| {
            let fetches = self.fetches.iter().skip_while(move |at| *at < start);
            fetches.take_while(|at| **at < *start + MINUTE).count()
        };
        let counts = self.fetches.iter().map(in_minute_from);
        counts.max().unwrap_or_default()
    }
}

/// Forged tokens, each with another key ID.
fn forged() -> impl Iterator<Item = String> {
    (0..).map(|number| format!("F{number}"))
}

#[test]
fn genuine_new_key_is_accepted_at_once_after_a_forged_token() {
    let mut simulation = Simulation::new(LATENCY);
    assert_eq!(simulation.validate_to_end("F1"), Verdict::UnknownKey);
    simulation.rotate("K1");
    assert_eq!(simulation.validate_to_end("K1"), Verdict::Accepted);
    assert_eq!(simulation.fetches.len(), 3);
}

#[test]
fn genuine_new_key_is_accepted_soon_during_a_flood_of_forged_tokens() {
    let mut simulation = Simulation::new(LATENCY);
    let mut rotated_at = simulation.now;
    let mut rotations = 0;
    for (number, forged) in forged().enumerate().take(130_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
        let key_id = format!("K{rotations}");
        match number % 5_003 {
            0 => {
                assert!(simulation.published.contains(&key_id));
                rotations += 1;
                simulation.rotate(&format!("K{rotations}"));
                rotated_at = simulation.now;
            }
            // The user tries ten times a second.
            rest if rest % 100 == 1 => {
                simulation.validate(&key_id);
                let since = simulation.now.duration_since(rotated_at);
                let accepted = simulation.verdict(&key_id) == Some(Verdict::Accepted);
                assert!(accepted || since < PROMPT, "refused after {since:?}");
            }
            _ => {}
        }
    }
    assert_eq!(rotations, 26);
    assert!(simulation.fetches.len() > 60);
    assert!(simulation.fetches_in_a_minute() <= 40);
    assert!(simulation.longest <= LATENCY, "waited for a second fetch");
    assert!(simulation.waiting.len() <= 200);
}

#[test]
fn nobody_waits_for_a_second_fetch_of_a_slow_service() {
    let mut simulation = Simulation::new(Duration::from_secs(3));
    for forged in forged().take(30_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
    }
    assert!(simulation.longest <= simulation.latency);
    assert!(simulation.fetches.len() > 5);
}

#[test]
fn key_that_is_published_late_is_accepted_soon() {
    let mut simulation = Simulation::new(LATENCY);
    assert_eq!(simulation.validate_to_end("K1"), Verdict::UnknownKey);
    simulation.rotate("K1");
    let published_at = simulation.now;
    while simulation.validate_to_end("K1") != Verdict::Accepted {
        simulation.pass(MILLISECOND);
    }
    assert!(simulation.now.duration_since(published_at) <= PROMPT);
}

#[test]
fn token_of_a_removed_key_does_not_use_up_the_allowance() {
    let mut simulation = Simulation::new(LATENCY);
    simulation.rotate("K1");
    assert_eq!(simulation.validate_to_end("K1"), Verdict::Accepted);
    for _ in 0..300 {
        assert_eq!(simulation.validate_to_end("K0"), Verdict::UnknownKey);
        simulation.pass(MILLISECOND * 200);
    }
    simulation.rotate("K2");
    assert_eq!(simulation.validate_to_end("K2"), Verdict::Accepted);
}

#[test]
fn service_that_is_down_gets_few_fetches() {
    let mut simulation = Simulation::new(LATENCY);
    simulation.is_down = true;
    for forged in forged().take(60_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
    }
    assert_eq!(simulation.verdict("F59000"), None);
    assert!((10..=13).contains(&simulation.fetches_in_a_minute()));
    assert_eq!(simulation.validate_to_end("K0"), Verdict::Accepted);
    assert_eq!(simulation.validate_to_end("K1"), Verdict::FetchFailed);
    simulation.is_down = false;
    simulation.pass(RETRY_WITH_KEYS);
    assert_eq!(simulation.validate_to_end("F"), Verdict::UnknownKey);
}

/// What happens in a simulation.
#[derive(Clone, Debug)]
enum Event {
    Forged(u32),
    Known,
    Rotation(u32),
    Outage(bool),
    Pause(Duration),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0_u32..20).prop_map(Event::Forged),
        6 => any::<u32>().prop_map(Event::Forged),
        1 => Just(Event::Known),
        1 => any::<u32>().prop_map(Event::Rotation),
        1 => prop::bool::weighted(0.2).prop_map(Event::Outage),
        2 => (1_u64..3_000).prop_map(|time| Event::Pause(Duration::from_millis(time))),
    ]
}

proptest! {
    #[test]
    fn fetches_are_limited_whatever_tokens_arrive(
        events in prop::collection::vec(event(), 1..1_000),
        latency in 0_u64..3_000,
    ) {
        let mut simulation = Simulation::new(Duration::from_millis(latency));
        for event in events {
            match event {
                Event::Forged(number) => simulation.validate(&format!("F{number}")),
                Event::Known => {
                    let published = simulation.published.join("");
                    simulation.validate(&published);
                }
                Event::Rotation(number) => simulation.rotate(&format!("K{number}")),
                Event::Outage(is_down) => simulation.is_down = is_down,
                Event::Pause(time) => simulation.pass(time),
            }
            simulation.pass(MILLISECOND);
        }
        prop_assert!(simulation.fetches_in_a_minute() <= 40);
    }
}

#[test]
fn nobody_relies_on_a_fetch_after_its_deadline() {
    let now = Instant::now();
    let mut state = FetchState::default();
    // Nobody runs this queue any more.
    let driver = Driver::Queue(1);
    let deadline = now + Duration::from_secs(2);
    let limits = KeyCacheLimits {
        ttl: Duration::ZERO,
        fetch_interval: Duration::ZERO,
    };
    state.fetch_started(KeyFetchInProgress { driver, deadline }, limits, now);
    let old_keys = CachedKeys::fetched(key_set(&["K1".to_owned()]), now);
    let look_up = |cached, now| {
        let time = LookupTime {
            driver,
            started_at: now,
            now,
        };
        state.look_up(KeyLookup::Token(Some("K1")), cached, limits, time)
    };
    let is_wait = matches!(look_up(None, now), LookupResult::WaitUntil(until) if until == deadline);
    assert!(is_wait);
    assert!(matches!(
        look_up(Some(&old_keys), now),
        LookupResult::Use(_)
    ));
    assert!(matches!(look_up(None, deadline), LookupResult::Fetch));
    assert!(matches!(
        look_up(Some(&old_keys), deadline),
        LookupResult::Fetch
    ));
}
