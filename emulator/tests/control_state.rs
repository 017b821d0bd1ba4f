//! The control routes for users and settings, and for the reset.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, TestEmulator, assert_api_error, claims, refresh_bearer, start};
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

#[test]
fn tenants_in_the_state_have_names_and_attributes() {
    let emulator = start();
    let state = json!({
        "tenants": [{"id": "T1", "name": "Acme", "customAttributes": {"plan": "gold"}}, {"id": "T2"}],
        "users": [{"loginId": PHONE, "phone": PHONE, "userTenants": [{"tenantId": "T1"}, {"tenantId": "T3", "tenantName": "Own"}]}],
    });
    let (status, after) = emulator.put(STATE, &state);
    assert_eq!((status, &after["tenants"][0]), (200, &state["tenants"][0]));
    let tenant = json!({"id": "T2", "name": "", "customAttributes": {}});
    assert_eq!(after["tenants"][1], tenant);
    emulator.sign_in(&json!({}));
    let session = emulator.verify_newest(PHONE);
    let names = session["user"]["userTenants"].as_array().unwrap().iter();
    let names: Vec<&Value> = names.map(|tenant| &tenant["tenantName"]).collect();
    assert_eq!(names, [&json!("Acme"), &json!("Own")]);
    let bearer = refresh_bearer(&session);
    let (_, me) = emulator.get_with_bearer("/v1/auth/me", &bearer);
    assert_eq!(me, session["user"]);
    let request = json!({"ids": ["T1", "T2", "T3"]});
    let (_, mine) = emulator.post("/v1/auth/me/tenants", &bearer, &request);
    let own = json!({"id": "T3", "name": "Own", "customAttributes": {}});
    assert_eq!(mine["tenants"], json!([state["tenants"][0], own]));
    emulator.post("/_emulator/reset", "", &json!({}));
    assert_eq!(emulator.get(STATE).1["tenants"], json!([]));
}

#[test]
fn access_keys_in_the_state_can_be_exchanged() {
    let emulator = start();
    let keys = json!([
        {"cleartext": "K1", "name": "robot", "roleNames": ["reader"], "keyTenants": [{"tenantId": "T1"}]},
        {},
    ]);
    let (status, after) = emulator.put(STATE, &json!({"accessKeys": keys}));
    assert_eq!(status, 200, "{after}");
    let listed = after["accessKeys"].as_array().unwrap();
    for key in listed {
        let bearer = format!(":{}", key["cleartext"].as_str().unwrap());
        let (status, session) = emulator.post("/v1/auth/accesskey/exchange", &bearer, &json!({}));
        assert_eq!((status, &session["keyId"]), (200, &key["id"]));
    }
    let robot = listed.iter().find(|key| key["name"] == "robot").unwrap();
    let (_, session) = emulator.post("/v1/auth/accesskey/exchange", ":K1", &json!({}));
    assert_eq!(session["keyId"], robot["id"]);
    assert_eq!(claims(&session["sessionJwt"])["roles"], json!(["reader"]));
    assert_eq!(emulator.put(STATE, &after), (200, after));
    emulator.put(STATE, &json!({"accessKeys": []}));
    let refused = emulator.post("/v1/auth/accesskey/exchange", ":K1", &json!({}));
    assert_api_error(refused, 401, "E062803");
}

#[test]
fn invalid_tenants_and_access_keys_change_nothing() {
    let emulator = start();
    let (_, before) = emulator.get(STATE);
    for (part, text) in [
        (json!({"tenants": [{"id": ""}]}), "tenant 1 has an empty id"),
        (
            json!({"tenants": [{"id": "T"}, {"id": "T"}]}),
            "tenant 2 has the id of an earlier tenant",
        ),
        (
            json!({"tenants": [{"id": "T", "color": 1}]}),
            "unknown field `color`",
        ),
        (
            json!({"accessKeys": [{"cleartext": "a:b"}]}),
            "access key 1 is empty or has a colon",
        ),
        (
            json!({"accessKeys": [{"cleartext": "a"}, {"cleartext": "a"}]}),
            "access key 2 has the cleartext",
        ),
        (
            json!({"accessKeys": [{"secret": "a"}]}),
            "unknown field `secret`",
        ),
    ] {
        let mut state = json!({"users": [{"loginId": "new"}]});
        state
            .as_object_mut()
            .unwrap()
            .extend(part.as_object().unwrap().clone());
        let (status, response) = emulator.put(STATE, &state);
        let problem = response["error"].as_str().unwrap();
        assert!(status == 400 && problem.contains(text), "{problem}");
        assert_eq!(emulator.get(STATE).1, before);
    }
}
