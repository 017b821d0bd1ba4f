//! When keys are fetched, with forged tokens above all.

use proptest::prelude::*;

use super::simulation::{MILLISECOND, Simulation, Verdict, key_set};
use super::*;

/// The time from a fetch to its response, unless a test says otherwise.
const LATENCY: Duration = Duration::from_millis(200);
/// How soon a genuine token is accepted, whatever forged ones arrive.
const PROMPT: Duration = Duration::from_millis(2_500);

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
