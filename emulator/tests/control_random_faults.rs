//! The control route for random faults.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, TestEmulator, start};
use serde_json::{Value, json};

const ROUTE: &str = "/_emulator/faults/random";
const SIGN_IN: &str = "/v1/auth/magiclink/signin/sms";

fn start_with_user() -> TestEmulator {
    let emulator = start();
    emulator.sign_up(PHONE);
    emulator
}

fn mixed_faults(seed: u64) -> Value {
    json!({"seed": seed, "path": "/v1/auth/magiclink/*", "faults": [
        {"percent": 20, "status": 503},
        {"percent": 10, "status": 429, "headers": {"Retry-After": "1"}},
        {"percent": 5, "status": 500, "after": true},
    ]})
}

/// Requests sign-ins that differ in the redirect URL, in this order. Returns their statuses.
fn sign_in_statuses(
    emulator: &TestEmulator,
    numbers: impl Iterator<Item = u32>,
) -> Vec<(u32, u16)> {
    let sign_in = |number| {
        let url = format!("https://app.example.com/{number}");
        (number, emulator.sign_in(&json!({"redirectUrl": url})).0)
    };
    numbers.map(sign_in).collect()
}

#[test]
fn the_fault_of_a_request_depends_only_on_the_seed_and_the_request() {
    let (first, second) = (start_with_user(), start_with_user());
    assert_eq!(first.put(ROUTE, &mixed_faults(7)).0, 200);
    assert_eq!(second.put(ROUTE, &mixed_faults(7)).0, 200);
    let forwards = sign_in_statuses(&first, 0..200);
    let mut backwards = sign_in_statuses(&second, (0..200).rev());
    backwards.reverse();
    assert_eq!(forwards, backwards);
    assert_eq!(first.put(ROUTE, &mixed_faults(8)).0, 200);
    assert_ne!(forwards, sign_in_statuses(&first, 0..200));
}

#[test]
fn each_fault_applies_to_about_its_percentage_of_requests() {
    let emulator = start_with_user();
    emulator.put(ROUTE, &mixed_faults(1));
    let seen = sign_in_statuses(&emulator, 0..500);
    let count = |request| seen.iter().filter(|(_, status)| *status == request).count();
    // These numbers depend only on the seed. They are the same in every run.
    assert!((70..130).contains(&count(503)), "{}", count(503));
    assert!((30..70).contains(&count(429)), "{}", count(429));
    assert!((10..40).contains(&count(500)), "{}", count(500));
    let faults = &emulator.get(ROUTE).1["faults"];
    assert_eq!(faults[0]["used"], json!(count(503)));
    assert_eq!(faults[2]["used"], json!(count(500)));
    assert_eq!(faults[0]["percent"], json!(20.0));
    let delivered = emulator.server.messages(PHONE).len() - 1;
    assert_eq!(delivered, count(200) + count(500));
}

#[test]
fn a_repeated_request_can_get_another_fault_or_none() {
    let emulator = start_with_user();
    emulator.put(
        ROUTE,
        &json!({"path": SIGN_IN, "faults": [{"percent": 50, "status": 503}]}),
    );
    let seen = sign_in_statuses(&emulator, std::iter::repeat_n(1, 40));
    assert!(seen.contains(&(1, 200)) && seen.contains(&(1, 503)));
}

#[test]
fn the_request_log_names_the_fault_of_each_request() {
    let emulator = start_with_user();
    emulator.put(
        ROUTE,
        &json!({"path": "/v1/auth/magiclink/*", "faults": [{"percent": 100, "status": 503}]}),
    );
    emulator.post(
        "/_emulator/faults",
        "",
        &json!({"path": SIGN_IN, "status": 500, "times": 1}),
    );
    let statuses: Vec<_> = [500, 503, 503].into();
    let statuses_seen: Vec<_> = statuses
        .iter()
        .map(|_| emulator.sign_in(&json!({})).0)
        .collect();
    assert_eq!(statuses_seen, statuses);
    emulator.get("/v1/auth/me");
    let (_, seen) = emulator.get("/_emulator/requests");
    let seen = seen["requests"].as_array().unwrap();
    let faults: Vec<_> = seen.iter().map(|one| &one["fault"]["status"]).collect();
    let expected = [
        &Value::Null,
        &json!(500),
        &json!(503),
        &json!(503),
        &Value::Null,
    ];
    assert_eq!(faults, expected);
    assert_eq!(seen[0]["fault"], Value::Null);
}

#[test]
fn random_faults_end_with_each_kind_of_delete_and_with_a_reset() {
    let emulator = start_with_user();
    let always = json!({"path": SIGN_IN, "faults": [{"percent": 100, "status": 500}]});
    for end in [
        &|| emulator.delete(ROUTE) as (u16, Value),
        &|| emulator.delete("/_emulator/faults"),
        &|| emulator.post("/_emulator/reset", "", &json!({})),
    ] as [&dyn Fn() -> (u16, Value); 3]
    {
        emulator.put(ROUTE, &always);
        assert_eq!(emulator.sign_in(&json!({})).0, 500);
        assert_eq!(end().0, 200);
        assert_ne!(emulator.sign_in(&json!({})).0, 500);
        assert_eq!(emulator.get(ROUTE).1, json!({}));
    }
}

#[test]
fn invalid_random_faults_get_400_with_advice() {
    let emulator = start_with_user();
    let fault = json!({"percent": 1, "status": 500});
    for (invalid, expected_text) in [
        (json!({"faults": [fault]}), "missing field `path`"),
        (json!({"path": SIGN_IN, "faults": []}), "1 to 100 faults"),
        (
            json!({"path": "/_emulator/*", "faults": [fault]}),
            "faults do not apply to",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"status": 500}]}),
            "`percent`",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 0, "status": 500}]}),
            "`percent`",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 60, "status": 500}, {"percent": 41, "status": 501}]}),
            "at most 100",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 1, "status": 500, "times": 1}]}),
            "`times` is not allowed inside",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 1}]}),
            "the fault is empty",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 1, "stauts": 500}]}),
            "unknown field `stauts`",
        ),
    ] {
        let (status, response) = emulator.put(ROUTE, &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
    assert_eq!(emulator.get(ROUTE).1, json!({}));
}
