//! Access keys and their sessions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, TestEmulator, assert_api_error, claims, start, start_with_users};
use serde_json::{Value, json};

const CREATE: &str = "/v1/mgmt/accesskey/create";
const EXCHANGE: &str = "/v1/auth/accesskey/exchange";

/// Creates an access key. Returns it as a bearer, and its ID.
fn create(emulator: &TestEmulator, body: &Value) -> (String, Value) {
    let key = format!(":{}", emulator.server.management_key());
    let (status, response) = emulator.post(CREATE, &key, body);
    assert_eq!(status, 200, "{response}");
    let cleartext = response["cleartext"].as_str().unwrap();
    (format!(":{cleartext}"), response["key"]["id"].clone())
}

#[test]
fn an_access_key_is_exchanged_for_a_session_token() {
    let emulator = start();
    let (bearer, id) = create(
        &emulator,
        &json!({"name": "robot", "roleNames": ["reader"], "customClaims": {"tier": "gold"},
            "keyTenants": [{"tenantId": "T1", "roleNames": ["clerk"]}]}),
    );
    let options = json!({"selectedTenant": "T1", "customClaims": {"run": 7, "tier": "none"}});
    for _ in 0..2 {
        let request = json!({"loginOptions": options});
        let (status, response) = emulator.post(EXCHANGE, &bearer, &request);
        assert_eq!((status, &response["keyId"]), (200, &id));
        assert_eq!(response["refreshJwt"], Value::Null);
        let claims = claims(&response["sessionJwt"]);
        assert_eq!((&claims["sub"], &claims["drn"]), (&id, &json!("DS")));
        assert_eq!(claims["exp"], response["expiration"]);
        assert_eq!((&claims["dct"], &claims["run"]), (&json!("T1"), &json!(7)));
        assert_eq!(claims["roles"], json!(["reader"]));
        assert_eq!(claims["tenants"]["T1"]["roles"], json!(["clerk"]));
        assert_eq!(claims["tier"], json!("gold"));
        let session = format!(":{}", response["sessionJwt"].as_str().unwrap());
        let (status, validated) = emulator.post("/v1/auth/validate", &session, &json!({}));
        assert_eq!((status, &validated["parsedJWT"]["sub"]), (200, &id));
    }
    assert_eq!(emulator.post_text(EXCHANGE, &bearer, "").0, 200);
}

#[test]
fn a_missing_wrong_or_expired_access_key_is_rejected() {
    let emulator = start();
    let request = json!({"loginOptions": {}});
    for bearer in ["", ":"] {
        assert_api_error(emulator.post(EXCHANGE, bearer, &request), 401, "E062802");
    }
    assert_api_error(emulator.post(EXCHANGE, ":wrong", &request), 401, "E062803");
    let (_, clock) = emulator.get("/_emulator/clock");
    let now = clock["now"].as_u64().unwrap();
    let (bearer, _) = create(&emulator, &json!({"name": "robot", "expireTime": now + 60}));
    assert_eq!(emulator.post(EXCHANGE, &bearer, &request).0, 200);
    emulator.post("/_emulator/clock", "", &json!({"advance": "61s"}));
    assert_api_error(emulator.post(EXCHANGE, &bearer, &request), 401, "E062803");
    let (bearer, _) = create(&emulator, &json!({"name": "robot"}));
    let elsewhere = json!({"loginOptions": {"selectedTenant": "T9"}});
    assert_api_error(emulator.post(EXCHANGE, &bearer, &elsewhere), 400, "E011003");
    emulator.post("/_emulator/reset", "", &json!({}));
    assert_api_error(emulator.post(EXCHANGE, &bearer, &request), 401, "E062803");
}

#[test]
fn an_access_key_of_a_user_has_the_roles_of_the_user() {
    let emulator = start_with_users(&json!([
        {"loginId": PHONE, "userId": "U1", "roleNames": ["admin"], "userTenants": [{"tenantId": "T1"}]},
    ]));
    let key = json!({"name": "robot", "roleNames": ["ignored"], "userId": "U1"});
    let (bearer, _) = create(&emulator, &key);
    let request = json!({"loginOptions": {"selectedTenant": "T1"}});
    let (_, response) = emulator.post(EXCHANGE, &bearer, &request);
    assert_eq!(claims(&response["sessionJwt"])["roles"], json!(["admin"]));
    let disabled = json!([{"loginId": PHONE, "userId": "U1", "status": "disabled"}]);
    emulator.put("/_emulator/state", &json!({"users": disabled}));
    assert_api_error(emulator.post(EXCHANGE, &bearer, &request), 401, "E062803");
    let management = format!(":{}", emulator.server.management_key());
    let unknown = json!({"name": "robot", "userId": "U9"});
    assert_api_error(emulator.post(CREATE, &management, &unknown), 400, "E062108");
    assert_api_error(emulator.post(CREATE, "", &unknown), 401, "E111119");
}

#[test]
fn the_request_log_shows_that_an_access_key_was_sent_and_not_the_key() {
    let emulator = start();
    let (bearer, _) = create(&emulator, &json!({"name": "robot"}));
    emulator.post(EXCHANGE, &bearer, &json!({}));
    let (_, log) = emulator.get("/_emulator/requests");
    let request = log["requests"].as_array().unwrap().last().unwrap();
    assert_eq!(request["bearer"]["parts"], json!(["accessKey"]));
    assert!(!log.to_string().contains(&bearer[1..]));
}
