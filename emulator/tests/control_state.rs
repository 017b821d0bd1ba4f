//! The control routes for users and settings, and for the reset.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, TestEmulator, assert_api_error, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const STATE: &str = "/_emulator/state";

#[test]
fn putting_the_current_state_changes_nothing() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    emulator.sign_up("+14155550199");
    assert_eq!(emulator.verify(&token).0, 200);
    emulator.sign_in(&json!({}));
    let (status, before) = emulator.get(STATE);
    assert_eq!(
        (status, before["users"].as_array().unwrap().len()),
        (200, 2)
    );
    assert_eq!(emulator.put(STATE, &before), (200, before.clone()));
    assert_eq!(emulator.get(STATE), (200, before));
    let (_, response) = emulator.verify(&emulator.newest_token(PHONE));
    assert_eq!(response["firstSeen"], json!(false));
}

#[test]
fn the_state_of_one_emulator_can_be_put_into_another() {
    let (one, other) = (start(), start());
    let token = one.sign_up(PHONE);
    let (_, verified) = one.verify(&token);
    other.sign_up("+14155550199");
    let (_, state) = one.get(STATE);
    assert_eq!(other.put(STATE, &state), (200, state));
    assert_eq!(other.sign_in(&json!({})).0, 200);
    let (_, response) = other.verify(&other.newest_token(PHONE));
    for key in ["userId", "createdTime", "verifiedPhone"] {
        assert_eq!(response["user"][key], verified["user"][key]);
    }
    assert_api_error(
        other.sign_in(&json!({"loginId": "+14155550199"})),
        400,
        "E062108",
    );
}

#[test]
fn put_users_have_the_given_ids_and_settings_stay() {
    let emulator = start();
    let (_, before) = emulator.get(STATE);
    let users = json!([
        {"loginId": PHONE, "userId": "U1", "name": "Ada"},
        {"loginIds": ["bob", "+14155550199"], "userId": "U2", "phone": "+14155550199"},
    ]);
    let (status, after) = emulator.put(STATE, &json!({"users": users}));
    assert_eq!((status, &after["settings"]), (200, &before["settings"]));
    for (login_id, phone, user_id) in [(PHONE, PHONE, "U1"), ("bob", "+14155550199", "U2")] {
        assert_eq!(emulator.sign_in(&json!({"loginId": login_id})).0, 200);
        let (_, response) = emulator.verify(&emulator.newest_token(phone));
        assert_eq!(response["user"]["userId"], json!(user_id));
    }
    let (_, emptied) = emulator.put(STATE, &json!({"users": []}));
    assert_eq!(emptied["users"], json!([]));
}

#[test]
fn settings_can_be_changed_and_reset_while_the_emulator_runs() {
    let emulator = start();
    let (_, start) = emulator.get(STATE);
    let expiration = &start["settings"]["authentication"]["magic_link"]["expiration_time"];
    assert_eq!(expiration, &json!("3 minutes"));
    let token = emulator.sign_up(PHONE);
    let settings = json!({
        "project_settings": {"approved_domains": ["Example.com"]},
        "authentication": {"magic_link": {
            "redirect_url": "https://a.example.com/v", "expiration_time": "0s",
        }},
    });
    let (status, state) = emulator.put(STATE, &json!({"settings": settings}));
    assert_eq!(
        (
            status,
            &state["settings"]["project_settings"]["approved_domains"]
        ),
        (200, &json!(["example.com"]))
    );
    assert_eq!(emulator.verify(&token).0, 200);
    emulator.sign_in(&json!({}));
    assert!(
        emulator
            .newest_link()
            .starts_with("https://a.example.com/v?t=")
    );
    assert_api_error(
        emulator.verify(&emulator.newest_token(PHONE)),
        401,
        "E062504",
    );
    let elsewhere = json!({"redirectUrl": "https://evil.example/"});
    assert_api_error(emulator.sign_in(&elsewhere), 400, "E061003");
    emulator.post("/_emulator/reset", "", &json!({}));
    assert_eq!(emulator.get(STATE), (200, start));
}

#[test]
fn an_invalid_state_gets_400_with_advice_and_changes_nothing() {
    let emulator = start();
    emulator.sign_up(PHONE);
    let (_, before) = emulator.get(STATE);
    for (invalid, expected_text) in [
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
            "user 2 is used by an earlier user",
        ),
        (
            json!({"users": [], "settings": {"ttl": "3m"}}),
            "unknown setting `ttl`",
        ),
    ] {
        let (status, response) = emulator.put(STATE, &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
    assert_eq!(emulator.get(STATE), (200, before));
    assert_eq!(emulator.post(STATE, "", &Value::Null).0, 405);
}

#[test]
fn a_reset_returns_to_the_state_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json");
    std::fs::write(
        &path,
        json!([{"loginId": PHONE, "name": "Ada"}]).to_string(),
    )
    .unwrap();
    let emulator = TestEmulator::start(Options {
        seed: Some(path.clone()),
        ..Options::default()
    });
    std::fs::remove_file(path).unwrap();
    emulator.sign_in(&json!({}));
    let (_, first) = emulator.verify(&emulator.newest_token(PHONE));
    emulator.sign_in(&json!({}));
    let token = emulator.newest_token(PHONE);
    emulator.sign_up("+14155550199");
    emulator.post("/_emulator/clock", "", &json!({"advance": "1m"}));
    let fault = json!({"path": "/*", "status": 500});
    assert_eq!(emulator.post("/_emulator/faults", "", &fault).0, 200);

    assert_eq!(
        emulator.post("/_emulator/reset", "", &json!({})),
        (200, json!({}))
    );
    assert_eq!(
        emulator.get("/_emulator/messages").1,
        json!({"messages": []})
    );
    assert_eq!(
        emulator.get("/_emulator/requests").1,
        json!({"requests": []})
    );
    assert_eq!(emulator.get("/_emulator/faults").1, json!({"faults": []}));
    assert_eq!(emulator.get("/_emulator/clock").1["ahead"], json!(0.0));
    assert_api_error(emulator.verify(&token), 401, "E062504");
    emulator.sign_up("+14155550199");
    assert_eq!(emulator.sign_in(&json!({})).0, 200);
    let (_, again) = emulator.verify(&emulator.newest_token(PHONE));
    assert_eq!(again["user"]["userId"], first["user"]["userId"]);
    assert_eq!(
        (&first["firstSeen"], &again["firstSeen"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(emulator.post_text("/_emulator/reset", "", "").0, 200);
    let (status, response) = emulator.post("/_emulator/reset", "", &json!({"key": true}));
    assert!(
        status == 400
            && response["error"]
                .as_str()
                .unwrap()
                .contains("unknown field `key`")
    );
}
