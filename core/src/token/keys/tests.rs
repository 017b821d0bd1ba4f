//! The cache of keys under threads, failures and panics.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const NEVER_OLD: Limits = Limits {
    time_to_live: HOUR,
    interval: HOUR,
};

fn keys() -> KeySet {
    let modulus = "u".repeat(342) + "A";
    let key = format!(r#"{{"kty": "RSA", "kid": "K1", "n": "{modulus}A", "e": "AQAB"}}"#);
    KeySet::read_pinned(&key).unwrap_or_else(|why| panic!("the key {why}"))
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn down() -> Error {
    Error::Network(Failure::new("down", Outcome::NotSent))
}

const K1: Wanted<'_> = Wanted::Token(Some("K1"));
const K2: Wanted<'_> = Wanted::Token(Some("K2"));

#[test]
fn many_threads_share_one_fetch() {
    let ring = Keyring::new(NEVER_OLD);
    let fetches = AtomicUsize::new(0);
    let everybody = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                everybody.wait();
                let found = ring.get(K1, soon(), |_| {
                    fetches.fetch_add(1, Ordering::Relaxed);
                    Ok(keys())
                });
                assert!(found.is_ok_and(|keys| keys.has(Some("K1"))));
            });
        }
    });
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn an_unknown_key_is_asked_for_once_in_an_interval() {
    let ring = Keyring::new(NEVER_OLD);
    assert!(ring.get(K1, soon(), |_| Ok(keys())).is_ok());
    let found = ring.get(K2, soon(), |_| panic!("it is too early"));
    assert!(found.is_ok_and(|keys| !keys.has(Some("K2"))));

    let eager = Keyring::new(Limits {
        interval: Duration::ZERO,
        ..NEVER_OLD
    });
    let fetches = AtomicUsize::new(0);
    for _ in 0..3 {
        let found = eager.get(K2, soon(), |_| {
            fetches.fetch_add(1, Ordering::Relaxed);
            Ok(keys())
        });
        assert!(found.is_ok());
    }
    assert_eq!(fetches.into_inner(), 3);
}

#[test]
fn a_key_that_the_service_has_just_used_is_fetched_at_once() {
    let ring = Keyring::new(NEVER_OLD);
    assert!(ring.get(K1, soon(), |_| Ok(keys())).is_ok());
    let issued = Wanted::Issued(Some("K2"));
    assert!(ring.at_hand(issued).is_none());
    let fetches = AtomicUsize::new(0);
    let found = ring.get(issued, soon(), |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        Ok(keys())
    });
    assert!(found.is_ok());
    assert_eq!(fetches.into_inner(), 1);
    let known = ring.get(Wanted::Issued(Some("K1")), soon(), |_| {
        panic!("it is known")
    });
    assert!(known.is_ok());
}

#[test]
fn old_keys_are_fetched_again_and_kept_when_that_fails() {
    let ring = Keyring::new(Limits {
        time_to_live: Duration::ZERO,
        interval: Duration::ZERO,
    });
    assert!(ring.get(K1, soon(), |_| Ok(keys())).is_ok());
    assert!(ring.at_hand(K1).is_none(), "they are due");
    let fetches = AtomicUsize::new(0);
    let found = ring.get(K1, soon(), |_| {
        fetches.fetch_add(1, Ordering::Relaxed);
        Err(down())
    });
    assert!(found.is_ok_and(|keys| keys.has(Some("K1"))));
    assert_eq!(fetches.into_inner(), 1);
}

#[test]
fn an_unknown_key_is_no_ones_fault_while_the_keys_are_down() {
    let ring = Keyring::new(Limits {
        interval: Duration::ZERO,
        ..NEVER_OLD
    });
    assert!(ring.get(K1, soon(), |_| Ok(keys())).is_ok());
    let told = ring.get(K2, soon(), |_| Err(down()));
    assert!(told.is_err_and(|error| error.to_string() == "down"));
    assert!(ring.get(K1, soon(), |_| panic!("it is known")).is_ok());
}

#[test]
fn without_keys_a_failed_fetch_is_told_to_all_for_a_while() {
    let ring = Keyring::new(NEVER_OLD);
    assert!(ring.get(K1, soon(), |_| Err(down())).is_err());
    let again = ring.get(K1, soon(), |_| panic!("it is too early"));
    assert!(again.is_err_and(|error| error.to_string() == "down"));
    assert!(ring.at_hand(K1).is_none());
}

#[test]
fn a_fetch_that_ran_out_of_time_does_not_hold_up_the_next_caller() {
    let ring = Keyring::new(NEVER_OLD);
    let late = |_| Err(Error::Timeout(Failure::new("late", Outcome::NotSent)));
    assert!(ring.get(K1, soon(), late).is_err());
    assert!(ring.get(K1, soon(), |_| Ok(keys())).is_ok());
}

#[test]
fn a_fetch_that_panics_does_not_hold_up_the_next_caller() {
    let ring = Keyring::new(NEVER_OLD);
    let fetch = std::panic::AssertUnwindSafe(|| ring.get(K1, soon(), |_| panic!("asked to")));
    assert!(std::panic::catch_unwind(fetch).is_err());
    assert!(ring.get(K1, soon(), |_| Ok(keys())).is_ok());
}

#[test]
fn who_needs_keys_while_fetching_them_does_not_wait_for_itself() {
    let ring = Keyring::new(NEVER_OLD);
    let found = ring.get(K1, soon(), |deadline| {
        let inner = ring.get(K1, deadline, |_| Ok(keys()));
        assert!(inner.is_ok_and(|keys| keys.has(Some("K1"))));
        Ok(keys())
    });
    assert!(found.is_ok_and(|keys| keys.has(Some("K1"))));
}

#[test]
fn pinned_keys_are_all_that_there_is() {
    let ring = Keyring::pinned(NEVER_OLD, Arc::new(keys()));
    let found = ring.get(K2, soon(), |_| panic!("they are pinned"));
    assert!(found.is_ok_and(|keys| !keys.has(Some("K2"))));
}
