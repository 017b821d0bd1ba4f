//! The control routes: what goes wrong by chance.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const ROUTE: &str = "/_emulator/faults/random";
const SIGN_IN: &str = "/v1/auth/magiclink/signin/sms";

fn local() -> Local {
    let local = Local::start(Options::default());
    local.sign_up(PHONE);
    local
}

fn mix(seed: u64) -> Value {
    json!({"seed": seed, "path": "/v1/auth/magiclink/*", "faults": [
        {"percent": 20, "status": 503},
        {"percent": 10, "status": 429, "headers": {"Retry-After": "1"}},
        {"percent": 5, "status": 500, "after": true},
    ]})
}

/// The statuses of sign-ins that differ in their redirect URL, in this order.
fn statuses(local: &Local, numbers: impl Iterator<Item = u32>) -> Vec<(u32, u16)> {
    let sign_in = |number| {
        let url = format!("https://app.example.com/{number}");
        (number, local.sign_in(&json!({"redirectUrl": url})).0)
    };
    numbers.map(sign_in).collect()
}

#[test]
fn what_a_request_meets_follows_from_the_seed_and_the_request_alone() {
    let (first, second) = (local(), local());
    assert_eq!(first.put(ROUTE, &mix(7)).0, 200);
    assert_eq!(second.put(ROUTE, &mix(7)).0, 200);
    let forwards = statuses(&first, 0..200);
    let mut backwards = statuses(&second, (0..200).rev());
    backwards.reverse();
    assert_eq!(forwards, backwards);
    assert_eq!(first.put(ROUTE, &mix(8)).0, 200);
    assert_ne!(forwards, statuses(&first, 0..200));
}

#[test]
fn about_as_many_requests_meet_a_fault_as_were_to() {
    let local = local();
    local.put(ROUTE, &mix(1));
    let seen = statuses(&local, 0..500);
    let count = |wanted| seen.iter().filter(|(_, status)| *status == wanted).count();
    // A seed has no luck: these are the same numbers in every run.
    assert!((70..130).contains(&count(503)), "{}", count(503));
    assert!((30..70).contains(&count(429)), "{}", count(429));
    assert!((10..40).contains(&count(500)), "{}", count(500));
    let faults = &local.get(ROUTE).1["faults"];
    assert_eq!(faults[0]["used"], json!(count(503)));
    assert_eq!(faults[2]["used"], json!(count(500)));
    assert_eq!(faults[0]["percent"], json!(20.0));
    let delivered = local.emulator.messages(PHONE).len() - 1;
    assert_eq!(delivered, count(200) + count(500));
}

#[test]
fn the_same_request_may_have_better_luck_the_next_time() {
    let local = local();
    local.put(
        ROUTE,
        &json!({"path": SIGN_IN, "faults": [{"percent": 50, "status": 503}]}),
    );
    let seen = statuses(&local, std::iter::repeat_n(1, 40));
    assert!(seen.contains(&(1, 200)) && seen.contains(&(1, 503)));
}

#[test]
fn requests_say_which_fault_they_met() {
    let local = local();
    local.put(
        ROUTE,
        &json!({"path": "/v1/auth/magiclink/*", "faults": [{"percent": 100, "status": 503}]}),
    );
    local.post(
        "/_emulator/faults",
        "",
        &json!({"path": SIGN_IN, "status": 500, "times": 1}),
    );
    let statuses: Vec<_> = [500, 503, 503].into();
    let met: Vec<_> = statuses
        .iter()
        .map(|_| local.sign_in(&json!({})).0)
        .collect();
    assert_eq!(met, statuses);
    local.get("/v1/auth/me");
    let (_, seen) = local.get("/_emulator/requests");
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
fn they_end_when_they_are_deleted_and_with_all_other_faults() {
    let local = local();
    let always = json!({"path": SIGN_IN, "faults": [{"percent": 100, "status": 500}]});
    for end in [
        &|| local.delete(ROUTE) as (u16, Value),
        &|| local.delete("/_emulator/faults"),
        &|| local.post("/_emulator/reset", "", &json!({})),
    ] as [&dyn Fn() -> (u16, Value); 3]
    {
        local.put(ROUTE, &always);
        assert_eq!(local.sign_in(&json!({})).0, 500);
        assert_eq!(end().0, 200);
        assert_ne!(local.sign_in(&json!({})).0, 500);
        assert_eq!(local.get(ROUTE).1, json!({}));
    }
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let local = local();
    let fault = json!({"percent": 1, "status": 500});
    for (wrong, words) in [
        (json!({"faults": [fault]}), "missing field `path`"),
        (json!({"path": SIGN_IN, "faults": []}), "1 to 100 faults"),
        (
            json!({"path": "/_emulator/*", "faults": [fault]}),
            "have no faults",
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
            "100 at most",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 1, "status": 500, "times": 1}]}),
            "`times` cannot be said",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 1}]}),
            "nothing goes wrong",
        ),
        (
            json!({"path": SIGN_IN, "faults": [{"percent": 1, "stauts": 500}]}),
            "unknown field `stauts`",
        ),
    ] {
        let (status, answer) = local.put(ROUTE, &wrong);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(words), "{wrong}: {answer}");
    }
    assert_eq!(local.get(ROUTE).1, json!({}));
}
