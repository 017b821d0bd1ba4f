//! When keys are fetched, with forged tokens above all.

use proptest::prelude::*;

use super::simulation::{LIMITS, MILLISECOND, Simulation, key_set};
use super::validation::Verdict;
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
    assert_eq!(simulation.requests.len(), 3);
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
    assert!(simulation.requests.len() > 60);
    assert!(simulation.requests_in_a_minute() <= 40);
    assert!(simulation.longest <= LATENCY, "waited for a second fetch");
}

#[test]
fn nobody_waits_for_more_than_two_fetches_of_a_slow_service() {
    let mut simulation = Simulation::new(Duration::from_secs(3));
    for forged in forged().take(30_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
    }
    assert!(simulation.longest <= simulation.latency * 2);
    assert!(simulation.requests.len() > 5);
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
fn service_that_is_down_gets_few_requests() {
    let mut simulation = Simulation::new(LATENCY);
    simulation.answers_one_of = None;
    for forged in forged().take(60_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
    }
    assert!((20..=35).contains(&simulation.requests_in_a_minute()));
    assert_eq!(simulation.validate_to_end("K0"), Verdict::Accepted);
    assert_eq!(simulation.validate_to_end("K1"), Verdict::FetchFailed);
    simulation.answers_one_of = Some(1);
    simulation.pass(RETRY_WITH_KEYS);
    assert_eq!(simulation.validate_to_end("F"), Verdict::UnknownKey);
}

#[test]
fn service_that_fails_now_and_then_gets_few_requests() {
    let mut simulation = Simulation::new(Duration::ZERO);
    simulation.answers_one_of = Some(3);
    for forged in forged().take(130_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
    }
    assert!((20..=40).contains(&simulation.requests_in_a_minute()));
}

#[test]
fn first_call_is_repeated_until_the_service_answers() {
    let mut simulation = Simulation::without_keys(LATENCY);
    simulation.answers_one_of = Some(3);
    assert_eq!(simulation.validate_to_end("K0"), Verdict::Accepted);
    assert_eq!(simulation.requests.len(), 3);
}

#[test]
fn client_without_keys_sends_few_requests_and_notices_soon_that_the_service_is_back() {
    for outage in [1_000, 7_300, 90_000] {
        let mut simulation = Simulation::without_keys(LATENCY);
        simulation.answers_one_of = None;
        let first = forged().take(outage);
        for (number, forged) in first.enumerate() {
            simulation.validate(&forged);
            simulation.validate_in_queue(2, &format!("{forged}{number}"));
            simulation.pass(MILLISECOND);
        }
        assert!(simulation.requests_in_a_minute() <= 40);
        simulation.answers_one_of = Some(1);
        let back_at = simulation.now;
        while simulation.validate_to_end("K0") != Verdict::Accepted {
            simulation.pass(MILLISECOND);
        }
        let took = simulation.now.duration_since(back_at);
        assert!(took <= PROMPT, "{took:?} after {outage}");
    }
}

#[test]
fn calls_of_many_queues_get_their_first_keys() {
    let mut simulation = Simulation::without_keys(LATENCY);
    for queue in 0..50 {
        simulation.validate_in_queue(queue, &format!("K{queue}"));
    }
    simulation.published = (0..50).map(|number| format!("K{number}")).collect();
    assert_eq!(simulation.requests.len(), 5);
    assert_eq!(simulation.wait_for("K49"), Verdict::UnknownKey);
    let mut simulation = Simulation::without_keys(LATENCY);
    simulation.published = (0..50).map(|number| format!("K{number}")).collect();
    for queue in 0..50 {
        simulation.validate_in_queue(queue, &format!("K{queue}"));
    }
    simulation.pass(LATENCY);
    for number in 0..50 {
        let verdict = simulation.verdict(&format!("K{number}"));
        assert_eq!(verdict, Some(Verdict::Accepted), "K{number}");
    }
    assert_eq!(simulation.requests.len(), 5);
}

/// The time until a genuine token of a new key is accepted, while forged tokens come in calls that are
/// cancelled after their `lifetime`. The token is validated again when it is refused.
fn time_among_cancelled_calls(
    simulation: &mut Simulation,
    lifetime: Duration,
    rotated_after: Duration,
) -> Option<Duration> {
    let rotated_at = simulation.now + rotated_after;
    let mut is_in_progress = false;
    for forged in forged().take(15_000) {
        simulation.validate_for(&forged, lifetime);
        if simulation.now >= rotated_at && !is_in_progress {
            simulation.rotate("K1");
            simulation.validate("K1");
            is_in_progress = true;
        }
        match simulation.verdict("K1") {
            Some(Verdict::Accepted) => {
                return Some(simulation.now.duration_since(rotated_at));
            }
            Some(_) => is_in_progress = false,
            None => {}
        }
        simulation.pass(MILLISECOND);
    }
    None
}

#[test]
fn cancelled_calls_with_forged_tokens_do_not_delay_a_new_key() {
    for lifetime in [0, 1, 199, 250, 1_000].map(Duration::from_millis) {
        for rotated_after in [5_000, 5_777, 6_999].map(Duration::from_millis) {
            for new in [Simulation::new, Simulation::without_keys] {
                let mut simulation = new(LATENCY);
                let time = time_among_cancelled_calls(&mut simulation, lifetime, rotated_after);
                let is_soon = time.is_some_and(|time| time <= PROMPT + lifetime);
                assert!(is_soon, "{time:?} with {lifetime:?}, {rotated_after:?}");
                assert!((5..=12).contains(&simulation.requests.len()));
            }
        }
    }
}

#[test]
fn new_key_is_accepted_although_it_was_published_during_a_slow_fetch() {
    let mut simulation = Simulation::new(Duration::from_secs(5));
    simulation.validate("F1");
    simulation.pass(Duration::from_secs(1));
    simulation.rotate("K1");
    assert_eq!(simulation.validate_to_end("K1"), Verdict::Accepted);
}

#[test]
fn token_that_was_just_issued_is_never_refused() {
    let mut simulation = Simulation::new(LATENCY);
    for forged in forged().take(10_000) {
        simulation.validate(&forged);
        simulation.pass(MILLISECOND);
    }
    simulation.rotate("K1");
    simulation.validate_new("K1");
    let started_at = simulation.now;
    assert_eq!(simulation.wait_for("K1"), Verdict::Accepted);
    assert!(simulation.now.duration_since(started_at) <= PROMPT);
    simulation.pass(LIMITS.fetch_interval);
    simulation.answers_one_of = None;
    assert_eq!(simulation.validate_to_end("F"), Verdict::FetchFailed);
    simulation.answers_one_of = Some(1);
    simulation.rotate("K2");
    simulation.validate_new("K2");
    assert_eq!(simulation.wait_for("K2"), Verdict::Accepted);
}

/// What happens in a simulation.
#[derive(Clone, Debug)]
enum Event {
    Forged(u32),
    ForgedInQueue(u64, u32),
    Cancelled(u32, Duration),
    TimedOut(u32, Duration),
    Issued(u32),
    Known,
    Rotation(u32),
    /// The service answers one request of so many.
    Answers(Option<usize>),
    Pause(Duration),
}

fn event() -> impl Strategy<Value = Event> {
    let time = || (0_u64..3_000).prop_map(Duration::from_millis);
    prop_oneof![
        6 => (0_u32..20).prop_map(Event::Forged),
        6 => any::<u32>().prop_map(Event::Forged),
        2 => (2_u64..5, any::<u32>()).prop_map(|(queue, number)| Event::ForgedInQueue(queue, number)),
        3 => (any::<u32>(), time()).prop_map(|(number, after)| Event::Cancelled(number, after)),
        1 => (any::<u32>(), time()).prop_map(|(number, after)| Event::TimedOut(number, after)),
        1 => any::<u32>().prop_map(Event::Issued),
        1 => Just(Event::Known),
        1 => any::<u32>().prop_map(Event::Rotation),
        1 => prop::option::weighted(0.8, 1_usize..5).prop_map(Event::Answers),
        2 => time().prop_map(Event::Pause),
    ]
}

proptest! {
    #[test]
    fn requests_are_limited_whatever_happens(
        has_keys in any::<bool>(),
        events in prop::collection::vec(event(), 1..1_000),
        latency in 0_u64..3_000,
    ) {
        let latency = Duration::from_millis(latency);
        let mut simulation = match has_keys {
            true => Simulation::new(latency),
            false => Simulation::without_keys(latency),
        };
        for event in events {
            match event {
                Event::Forged(number) => simulation.validate(&format!("F{number}")),
                Event::ForgedInQueue(queue, number) => {
                    simulation.validate_in_queue(queue, &format!("F{number}"));
                }
                Event::Cancelled(number, time) => {
                    simulation.validate_for(&format!("F{number}"), time);
                }
                Event::TimedOut(number, time) => {
                    simulation.validate_with_timeout(&format!("F{number}"), time);
                }
                Event::Issued(number) => simulation.validate_new(&format!("F{number}")),
                Event::Known => {
                    let published = simulation.published.join("");
                    simulation.validate(&published);
                }
                Event::Rotation(number) => simulation.rotate(&format!("K{number}")),
                Event::Answers(one_of) => simulation.answers_one_of = one_of,
                Event::Pause(time) => simulation.pass(time),
            }
            simulation.pass(MILLISECOND);
        }
        prop_assert!(simulation.requests_in_a_minute() <= 40);
    }
}

#[test]
fn nobody_relies_on_a_fetch_after_its_deadline() {
    let now = Instant::now();
    let (mut state, mut client) = (FetchState::new(0), ClientAllowance::default());
    // Nobody runs this queue any more.
    let driver = Driver::Queue(1);
    let deadline = now + Duration::from_secs(2);
    let limits = KeyCacheLimits {
        ttl: Duration::ZERO,
        fetch_interval: Duration::ZERO,
    };
    let fetch = KeyFetchInProgress {
        driver,
        started_at: now,
        deadline,
        urgency: Urgency::NoKeys,
    };
    state.fetch_started(fetch, limits, &mut client);
    let old_keys = CachedKeys::fetched(key_set(&["K1".to_owned()]), now, now);
    let look_up = |cached, now| {
        let time = LookupTime {
            driver,
            started_at: now,
            now,
        };
        let lookup = KeyLookup::Token(Some("K1"));
        state.look_up(lookup, cached, limits, &client, time)
    };
    let is_wait = matches!(look_up(None, now), LookupResult::WaitUntil(until) if until == deadline);
    assert!(is_wait);
    assert!(matches!(
        look_up(Some(&old_keys), now),
        LookupResult::Use(_)
    ));
    assert!(matches!(
        look_up(None, deadline),
        LookupResult::Fetch { .. }
    ));
    assert!(matches!(
        look_up(Some(&old_keys), deadline),
        LookupResult::Fetch { .. }
    ));
}
