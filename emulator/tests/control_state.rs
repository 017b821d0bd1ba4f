//! The control routes: users and settings, shown and put back.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const STATE: &str = "/_emulator/state";

fn local() -> Local {
    Local::start(Options::default())
}

#[test]
fn the_state_that_was_shown_changes_nothing_when_it_is_put() {
    let local = local();
    let token = local.sign_up(PHONE);
    local.sign_up("+14155550199");
    assert_eq!(local.verify(&token).0, 200);
    local.sign_in(&json!({}));
    let (status, before) = local.get(STATE);
    assert_eq!(
        (status, before["users"].as_array().unwrap().len()),
        (200, 2)
    );
    assert_eq!(local.put(STATE, &before), (200, before.clone()));
    assert_eq!(local.get(STATE), (200, before));
    let (_, answer) = local.verify(&local.newest(PHONE));
    assert_eq!(answer["firstSeen"], json!(false));
}

#[test]
fn the_state_of_one_emulator_is_put_into_another() {
    let (one, other) = (local(), local());
    let token = one.sign_up(PHONE);
    let (_, verified) = one.verify(&token);
    other.sign_up("+14155550199");
    let (_, state) = one.get(STATE);
    assert_eq!(other.put(STATE, &state), (200, state));
    assert_eq!(other.sign_in(&json!({})).0, 200);
    let (_, answer) = other.verify(&other.newest(PHONE));
    for key in ["userId", "createdTime", "verifiedPhone"] {
        assert_eq!(answer["user"][key], verified["user"][key]);
    }
    assert_refused(
        other.sign_in(&json!({"loginId": "+14155550199"})),
        400,
        "E062108",
    );
}

#[test]
fn users_have_the_ids_that_they_are_given_and_the_rest_of_the_state_stays() {
    let local = local();
    let (_, before) = local.get(STATE);
    let users = json!([
        {"loginId": PHONE, "userId": "U1", "name": "Ada"},
        {"loginIds": ["bob", "+14155550199"], "userId": "U2", "phone": "+14155550199"},
    ]);
    let (status, after) = local.put(STATE, &json!({"users": users}));
    assert_eq!((status, &after["settings"]), (200, &before["settings"]));
    for (login_id, phone, user_id) in [(PHONE, PHONE, "U1"), ("bob", "+14155550199", "U2")] {
        assert_eq!(local.sign_in(&json!({"loginId": login_id})).0, 200);
        let (_, answer) = local.verify(&local.newest(phone));
        assert_eq!(answer["user"]["userId"], json!(user_id));
    }
    let (_, emptied) = local.put(STATE, &json!({"users": []}));
    assert_eq!(emptied["users"], json!([]));
}

#[test]
fn settings_are_changed_while_it_runs_and_reset_to_those_of_the_start() {
    let local = local();
    let (_, start) = local.get(STATE);
    assert_eq!(start["settings"]["linkTtl"], json!("180s"));
    let token = local.sign_up(PHONE);
    let settings = json!({
        "approvedDomains": ["Example.com"], "redirectUrl": "https://a.example.com/v", "linkTtl": "0s",
    });
    let (status, state) = local.put(STATE, &json!({"settings": settings}));
    assert_eq!(
        (status, &state["settings"]["approvedDomains"]),
        (200, &json!(["example.com"]))
    );
    assert_eq!(local.verify(&token).0, 200);
    local.sign_in(&json!({}));
    assert!(local.link().starts_with("https://a.example.com/v?t="));
    assert_refused(local.verify(&local.newest(PHONE)), 401, "E062504");
    let elsewhere = json!({"redirectUrl": "https://evil.example/"});
    assert_refused(local.sign_in(&elsewhere), 400, "E061003");
    local.post("/_emulator/reset", "", &json!({}));
    assert_eq!(local.get(STATE), (200, start));
}

#[test]
fn a_state_that_cannot_be_is_refused_with_what_to_do_and_changes_nothing() {
    let local = local();
    local.sign_up(PHONE);
    let (_, before) = local.get(STATE);
    for (wrong, words) in [
        (json!({"user": []}), "unknown field `user`"),
        (
            json!({"users": [{"name": "Ada"}]}),
            "missing field `loginId`",
        ),
        (json!({"users": [{"loginId": 5}]}), "a login ID is a string"),
        (
            json!({"users": [{"loginId": "a", "nmae": "b"}]}),
            "unknown field `nmae`",
        ),
        (
            json!({"users": [{"loginId": "a"}, {"loginIds": []}]}),
            "user 2 has an empty loginId",
        ),
        (
            json!({"users": [{"loginId": "a"}, {"loginId": "a"}]}),
            "user 2 is there twice",
        ),
        (json!({"settings": {"ttl": "3m"}}), "unknown field `ttl`"),
        (
            json!({"settings": {"linkTtl": "soon"}}),
            "`linkTtl`: a time looks like",
        ),
        (
            json!({"settings": {"redirectUrl": "/v"}}),
            "`redirectUrl`: must be a URL",
        ),
        (
            json!({"users": [], "settings": {"approvedDomains": ["https://a.example"]}}),
            "`approvedDomains`: `https://a.example` must be a host alone",
        ),
    ] {
        let (status, answer) = local.put(STATE, &wrong);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(words), "{wrong}: {answer}");
    }
    assert_eq!(local.get(STATE), (200, before));
    assert_eq!(local.post(STATE, "", &Value::Null).0, 405);
}
