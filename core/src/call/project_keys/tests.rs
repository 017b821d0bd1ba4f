//! The key cache with many threads, failures and panics.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::config::ProjectId;
use crate::error::Reason;
use crate::net::testing::in_blocking_call;

const HOUR: Duration = Duration::from_secs(3600);
const LONG_LIMITS: KeyCacheLimits = KeyCacheLimits {
    ttl: HOUR,
    fetch_interval: HOUR,
};

fn keys() -> KeySet {
    let modulus = "u".repeat(342) + "A";
    let key = format!(r#"{{"kty": "RSA", "kid": "K1", "n": "{modulus}A", "e": "AQAB"}}"#);
    KeySet::parse_key_or_set(&key).unwrap_or_else(|problem| panic!("the key {problem}"))
}

/// The keys of the only project of a client.
fn new_keys(limits: KeyCacheLimits) -> ProjectKeys {
    let project = ProjectId::parse("P1").unwrap();
    ProjectKeys::new(limits, KeyRequests::new().of_project(&project), 0)
}

/// Looks up keys in a blocking call, and fetches them with `fetch` if necessary.
fn get(
    project_keys: &ProjectKeys,
    lookup: KeyLookup<'_>,
    fetch: impl FnOnce(Instant) -> Result<KeySet, Error>,
) -> Result<Arc<KeySet>, Error> {
    let deadline = in_30_seconds();
    in_blocking_call(async |context| {
        if let Some(keys) = project_keys.get_current(lookup, context) {
            return Ok(keys);
        }
        if let Some(keys) = project_keys.get_usable(lookup, context)? {
            return Ok(keys);
        }
        let single_flight = project_keys.single_flight();
        let turn = project_keys.wait_for_turn(&single_flight, lookup, deadline, context);
        match turn.await? {
            Turn::Use(keys) => Ok(keys),
            Turn::Fetch(in_progress) => {
                let result = fetch(in_progress.deadline());
                project_keys.finish(in_progress, result, context.now(), Log::of_process())
            }
        }
    })
}

fn get_usable(
    project_keys: &ProjectKeys,
    lookup: KeyLookup<'_>,
) -> Result<Option<Arc<KeySet>>, Error> {
    in_blocking_call(async |context| project_keys.get_usable(lookup, context))
}

fn in_30_seconds() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn network_error() -> Error {
    Error::network("down", Outcome::NotSent)
}

const K1: KeyLookup<'_> = KeyLookup::Token(Some("K1"));
const K2: KeyLookup<'_> = KeyLookup::Token(Some("K2"));

#[test]
fn many_threads_share_one_fetch() {
    let project_keys = new_keys(LONG_LIMITS);
    let fetches = AtomicUsize::new(0);
    let barrier = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                barrier.wait();
                let found = get(&project_keys, K1, |_| {
                    fetches.fetch_add(1, Ordering::Relaxed);
                    Ok(keys())
                });
                assert!(found.is_ok_and(|keys| keys.contains(Some("K1"))));
            });
        }
    });
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn fetches_for_unknown_keys_draw_on_an_allowance() {
    let project_keys = new_keys(LONG_LIMITS);
    let fetches = AtomicUsize::new(0);
    let results = ["F1", "F2", "F3", "F4", "F5", "F6", "F6"].map(|id| {
        get(&project_keys, KeyLookup::Token(Some(id)), |_| {
            fetches.fetch_add(1, Ordering::Relaxed);
            Ok(keys())
        })
    });
    assert_eq!(fetches.into_inner(), 5);
    let errors = results.map(|result| {
        result
            .err()
            .map(|error| (error.reason(), error.retry_after()))
    });
    let refused = Some((Some(Reason::UnknownKey), Some(3600)));
    assert_eq!(errors, [None, None, None, None, None, refused, refused]);
    assert!(get(&project_keys, K1, |_| panic!("cached")).is_ok());
}

#[test]
fn key_that_was_just_not_found_is_not_fetched_again() {
    let project_keys = new_keys(LONG_LIMITS);
    assert!(get(&project_keys, K2, |_| Ok(keys())).is_ok());
    let found = get(&project_keys, K2, |_| panic!("too soon"));
    assert!(found.is_ok_and(|keys| !keys.contains(Some("K2"))));

    let eager = new_keys(KeyCacheLimits {
        fetch_interval: Duration::ZERO,
        ..LONG_LIMITS
    });
    let fetches = AtomicUsize::new(0);
    for _ in 0..9 {
        let found = get(&eager, K2, |_| {
            fetches.fetch_add(1, Ordering::Relaxed);
            Ok(keys())
        });
        assert!(found.is_ok());
    }
    assert_eq!(fetches.into_inner(), 9);
}

#[test]
fn key_of_a_new_token_is_fetched_at_once() {
    let project_keys = new_keys(LONG_LIMITS);
    assert!(get(&project_keys, K1, |_| Ok(keys())).is_ok());
    let issued = KeyLookup::NewToken(Some("K2"));
    assert!(get_usable(&project_keys, issued).is_ok_and(|keys| keys.is_none()));
    let fetches = AtomicUsize::new(0);
    let found = get(&project_keys, issued, |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        Ok(keys())
    });
    assert!(found.is_ok());
    assert_eq!(fetches.into_inner(), 1);
    let known = get(&project_keys, KeyLookup::NewToken(Some("K1")), |_| {
        panic!("cached")
    });
    assert!(known.is_ok());
}

#[test]
fn expired_keys_are_fetched_again_and_kept_if_that_fails() {
    let project_keys = new_keys(KeyCacheLimits {
        ttl: Duration::ZERO,
        fetch_interval: Duration::ZERO,
    });
    assert!(get(&project_keys, K1, |_| Ok(keys())).is_ok());
    let usable = get_usable(&project_keys, K1);
    assert!(usable.is_ok_and(|keys| keys.is_none()), "expired");
    let fetches = AtomicUsize::new(0);
    let found = get(&project_keys, K1, |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        Err(network_error())
    });
    assert!(found.is_ok_and(|keys| keys.contains(Some("K1"))));
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn unknown_key_returns_the_error_of_the_fetch() {
    let project_keys = new_keys(KeyCacheLimits {
        fetch_interval: Duration::ZERO,
        ..LONG_LIMITS
    });
    assert!(get(&project_keys, K1, |_| Ok(keys())).is_ok());
    let result = get(&project_keys, K2, |_| Err(network_error()));
    assert!(result.is_err_and(|error| error.to_string() == "down"));
    assert!(get(&project_keys, K1, |_| panic!("cached")).is_ok());
}

#[test]
fn failed_first_fetch_is_not_repeated_for_a_second() {
    let project_keys = new_keys(LONG_LIMITS);
    assert!(get(&project_keys, K1, |_| Err(network_error())).is_err());
    let again = get(&project_keys, K1, |_| panic!("too soon"));
    assert!(again.is_err_and(|error| error.to_string() == "down"));
    assert!(get_usable(&project_keys, K1).is_err());
}

#[test]
fn timed_out_fetch_is_repeated_by_the_next_caller() {
    let project_keys = new_keys(LONG_LIMITS);
    let late = |_| Err(Error::timeout("late", Outcome::NotSent));
    assert!(get(&project_keys, K1, late).is_err());
    assert!(get(&project_keys, K1, |_| Ok(keys())).is_ok());
}

#[test]
fn panicked_fetch_is_repeated_by_the_next_caller() {
    let project_keys = new_keys(LONG_LIMITS);
    let fetch = std::panic::AssertUnwindSafe(|| get(&project_keys, K1, |_| panic!("expected")));
    assert!(std::panic::catch_unwind(fetch).is_err());
    assert!(get(&project_keys, K1, |_| Ok(keys())).is_ok());
}

#[test]
fn lookup_on_the_fetching_thread_does_not_deadlock() {
    let project_keys = new_keys(LONG_LIMITS);
    let found = get(&project_keys, K1, |_| {
        let inner = get(&project_keys, K1, |_| Ok(keys()));
        assert!(inner.is_ok_and(|keys| keys.contains(Some("K1"))));
        Ok(keys())
    });
    assert!(found.is_ok_and(|keys| keys.contains(Some("K1"))));
}

#[test]
fn lookup_on_the_fetching_thread_uses_expired_keys() {
    let project_keys = new_keys(KeyCacheLimits {
        ttl: Duration::ZERO,
        fetch_interval: Duration::ZERO,
    });
    assert!(get(&project_keys, K1, |_| Ok(keys())).is_ok());
    let fetches = AtomicUsize::new(0);
    let found = get(&project_keys, K1, |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        assert!(get_usable(&project_keys, K1).is_ok_and(|keys| keys.is_some()));
        let inner = get(&project_keys, K1, |_| panic!("a nested fetch"));
        assert!(inner.is_ok_and(|keys| keys.contains(Some("K1"))));
        Ok(keys())
    });
    assert!(found.is_ok());
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn configured_keys_are_never_fetched() {
    let project_keys = new_keys(LONG_LIMITS).with_configured(Arc::new(keys()));
    let found = get(&project_keys, K2, |_| panic!("configured"));
    assert!(found.is_ok_and(|keys| !keys.contains(Some("K2"))));
}
