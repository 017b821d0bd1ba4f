//! Embedded links: tokens that a program delivers on its own.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{EMAIL, PHONE, TestEmulator, assert_api_error, start, start_with_users};
use serde_json::{Value, json};

const SIGN_IN: &str = "/v1/mgmt/user/signin/embeddedlink";
const SIGN_UP: &str = "/v1/mgmt/user/signup/embeddedlink";

fn post(emulator: &TestEmulator, path: &str, body: &Value) -> (u16, Value) {
    let key = format!(":{}", emulator.server.management_key());
    emulator.post(path, &key, body)
}

fn token(emulator: &TestEmulator, path: &str, body: &Value) -> String {
    let (status, response) = post(emulator, path, body);
    assert_eq!(status, 200, "{response}");
    response["token"].as_str().unwrap().to_owned()
}

#[test]
fn an_embedded_link_signs_an_existing_user_in_once() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let request = json!({"loginId": PHONE, "customClaims": {"tier": "gold"}});
    let token = token(&emulator, SIGN_IN, &request);
    assert!(emulator.server.messages(PHONE).is_empty());
    let (status, response) = emulator.verify(&token);
    assert_eq!((status, &response["firstSeen"]), (200, &json!(true)));
    assert_eq!(response["claims"]["tier"], json!("gold"));
    assert_eq!(response["user"]["verifiedPhone"], json!(false));
    assert_api_error(emulator.verify(&token), 401, "E062504");
}

#[test]
fn an_embedded_link_expires_after_its_timeout_or_a_minute() {
    let emulator = start_with_users(&json!([{"loginId": PHONE}]));
    for (timeout, valid, expired) in [
        (json!(120), "119s", "2s"),
        (json!(0), "59s", "2s"),
        (json!(null), "59s", "2s"),
    ] {
        let request = json!({"loginId": PHONE, "timeout": timeout});
        let [first, second] = [(); 2].map(|()| token(&emulator, SIGN_IN, &request));
        emulator.advance(valid);
        assert_eq!(emulator.verify(&first).0, 200);
        emulator.advance(expired);
        assert_api_error(emulator.verify(&second), 401, "E062504");
    }
    for timeout in [json!(-1), json!(1.5), json!("60")] {
        let request = json!({"loginId": PHONE, "timeout": timeout});
        assert_api_error(post(&emulator, SIGN_IN, &request), 400, "E011001");
    }
}

#[test]
fn an_embedded_link_needs_the_management_key_and_an_enabled_user() {
    let emulator = start_with_users(&json!([{"loginId": "off", "status": "disabled"}]));
    for path in [SIGN_IN, SIGN_UP] {
        let denied = emulator.post(path, "", &json!({"loginId": "off"}));
        assert_api_error(denied, 401, "E111119");
        assert_api_error(post(&emulator, path, &json!({})), 400, "E011003");
    }
    let unknown = json!({"loginId": "unknown"});
    assert_api_error(post(&emulator, SIGN_IN, &unknown), 400, "E062108");
    let disabled = json!({"loginId": "off"});
    assert_api_error(post(&emulator, SIGN_IN, &disabled), 400, "E011003");
}

#[test]
fn a_sign_up_link_creates_a_user_with_the_requested_fields() {
    let emulator = start();
    let request = json!({
        "loginId": EMAIL,
        "user": {"name": "Ada", "phone": PHONE, "givenName": "A"},
        "emailVerified": true,
        "loginOptions": {"customClaims": {"tier": "gold"}, "tenantId": "T1"},
    });
    let token = token(&emulator, SIGN_UP, &request);
    assert_api_error(post(&emulator, SIGN_UP, &request), 400, "E062107");
    let (status, response) = emulator.verify(&token);
    assert_eq!((status, &response["firstSeen"]), (200, &json!(true)));
    assert_eq!(response["claims"]["tier"], json!("gold"));
    let user = &response["user"];
    assert_eq!(
        (&user["email"], &user["phone"], &user["givenName"]),
        (&json!(EMAIL), &json!(PHONE), &json!("A"))
    );
    assert_eq!(
        (&user["verifiedEmail"], &user["verifiedPhone"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(user["userTenants"][0]["tenantId"], json!("T1"));
}
