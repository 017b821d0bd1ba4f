//! The key cache with many threads, failures and panics.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const LONG_LIMITS: KeyCacheLimits = KeyCacheLimits {
    ttl: HOUR,
    min_refetch_interval: HOUR,
};

fn keys() -> KeySet {
    let modulus = "u".repeat(342) + "A";
    let key = format!(r#"{{"kty": "RSA", "kid": "K1", "n": "{modulus}A", "e": "AQAB"}}"#);
    KeySet::parse_key_or_set(&key).unwrap_or_else(|problem| panic!("the key {problem}"))
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
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    let fetches = AtomicUsize::new(0);
    let barrier = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                barrier.wait();
                let found = project_keys.get(K1, in_30_seconds(), |_| {
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
fn unknown_key_is_fetched_once_per_interval() {
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
    let found = project_keys.get(K2, in_30_seconds(), |_| panic!("too soon"));
    assert!(found.is_ok_and(|keys| !keys.contains(Some("K2"))));

    let eager = ProjectKeys::new(KeyCacheLimits {
        min_refetch_interval: Duration::ZERO,
        ..LONG_LIMITS
    });
    let fetches = AtomicUsize::new(0);
    for _ in 0..3 {
        let found = eager.get(K2, in_30_seconds(), |_| {
            fetches.fetch_add(1, Ordering::Relaxed);
            Ok(keys())
        });
        assert!(found.is_ok());
    }
    assert_eq!(fetches.into_inner(), 3);
}

#[test]
fn key_of_a_new_token_is_fetched_at_once() {
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
    let issued = KeyLookup::NewToken(Some("K2"));
    assert!(project_keys.get_cached(issued).is_none());
    let fetches = AtomicUsize::new(0);
    let found = project_keys.get(issued, in_30_seconds(), |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        Ok(keys())
    });
    assert!(found.is_ok());
    assert_eq!(fetches.into_inner(), 1);
    let known = project_keys.get(KeyLookup::NewToken(Some("K1")), in_30_seconds(), |_| {
        panic!("cached")
    });
    assert!(known.is_ok());
}

#[test]
fn expired_keys_are_fetched_again_and_kept_if_that_fails() {
    let project_keys = ProjectKeys::new(KeyCacheLimits {
        ttl: Duration::ZERO,
        min_refetch_interval: Duration::ZERO,
    });
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
    assert!(project_keys.get_cached(K1).is_none(), "expired");
    let fetches = AtomicUsize::new(0);
    let found = project_keys.get(K1, in_30_seconds(), |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        Err(network_error())
    });
    assert!(found.is_ok_and(|keys| keys.contains(Some("K1"))));
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn unknown_key_returns_the_error_of_the_fetch() {
    let project_keys = ProjectKeys::new(KeyCacheLimits {
        min_refetch_interval: Duration::ZERO,
        ..LONG_LIMITS
    });
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
    let result = project_keys.get(K2, in_30_seconds(), |_| Err(network_error()));
    assert!(result.is_err_and(|error| error.to_string() == "down"));
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| panic!("cached"))
            .is_ok()
    );
}

#[test]
fn failed_first_fetch_is_not_repeated_for_a_second() {
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Err(network_error()))
            .is_err()
    );
    let again = project_keys.get(K1, in_30_seconds(), |_| panic!("too soon"));
    assert!(again.is_err_and(|error| error.to_string() == "down"));
    assert!(project_keys.get_cached(K1).is_none());
}

#[test]
fn timed_out_fetch_is_repeated_by_the_next_caller() {
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    let late = |_| Err(Error::timeout("late", Outcome::NotSent));
    assert!(project_keys.get(K1, in_30_seconds(), late).is_err());
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
}

#[test]
fn panicked_fetch_is_repeated_by_the_next_caller() {
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    let fetch = std::panic::AssertUnwindSafe(|| {
        project_keys.get(K1, in_30_seconds(), |_| panic!("expected"))
    });
    assert!(std::panic::catch_unwind(fetch).is_err());
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
}

#[test]
fn lookup_on_the_fetching_thread_does_not_deadlock() {
    let project_keys = ProjectKeys::new(LONG_LIMITS);
    let found = project_keys.get(K1, in_30_seconds(), |deadline| {
        let inner = project_keys.get(K1, deadline, |_| Ok(keys()));
        assert!(inner.is_ok_and(|keys| keys.contains(Some("K1"))));
        Ok(keys())
    });
    assert!(found.is_ok_and(|keys| keys.contains(Some("K1"))));
}

#[test]
fn lookup_on_the_fetching_thread_uses_expired_keys() {
    let project_keys = ProjectKeys::new(KeyCacheLimits {
        ttl: Duration::ZERO,
        min_refetch_interval: Duration::ZERO,
    });
    assert!(
        project_keys
            .get(K1, in_30_seconds(), |_| Ok(keys()))
            .is_ok()
    );
    let fetches = AtomicUsize::new(0);
    let found = project_keys.get(K1, in_30_seconds(), |deadline| {
        fetches.fetch_add(1, Ordering::Relaxed);
        assert!(project_keys.get_cached(K1).is_some());
        let inner = project_keys.get(K1, deadline, |_| panic!("a nested fetch"));
        assert!(inner.is_ok_and(|keys| keys.contains(Some("K1"))));
        Ok(keys())
    });
    assert!(found.is_ok());
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn configured_keys_are_never_fetched() {
    let project_keys = ProjectKeys::configured(LONG_LIMITS, Arc::new(keys()));
    let found = project_keys.get(K2, in_30_seconds(), |_| panic!("configured"));
    assert!(found.is_ok_and(|keys| !keys.contains(Some("K2"))));
}
