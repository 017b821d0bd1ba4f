//! The control route for forged tokens.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::HashSet;

use common::{PHONE, TestEmulator, assert_api_error, jwt_part, start};
use descope_ml_emulator::{Algorithm, Options};
use serde_json::{Value, json};

fn forge(emulator: &TestEmulator, request: &Value) -> Vec<String> {
    let (status, mut response) = emulator.post("/_emulator/forge", "", request);
    assert_eq!(status, 200, "{response}");
    serde_json::from_value(response["tokens"].take()).unwrap()
}

#[test]
fn each_forged_token_names_an_unknown_key_of_its_own() {
    let emulator = start();
    let tokens = forge(&emulator, &json!({"count": 1000}));
    let headers: Vec<Value> = tokens.iter().map(|token| jwt_part(token, 0)).collect();
    let kids: HashSet<&str> = headers
        .iter()
        .map(|header| header["kid"].as_str().unwrap())
        .collect();
    assert_eq!((tokens.len(), kids.len()), (1000, 1000));
    assert!(headers.iter().all(|header| header["alg"] == "RS256"));
    let (_, published) = emulator.get(&format!("/v2/keys/{}", emulator.server.project_id()));
    let published = published["keys"].as_array().unwrap();
    assert!(
        published
            .iter()
            .all(|key| !kids.contains(key["kid"].as_str().unwrap()))
    );
    let bearer = format!(":{}", tokens[0]);
    assert_api_error(
        emulator.post("/v1/auth/validate", &bearer, &json!({})),
        401,
        "E061005",
    );
}

#[test]
fn a_forged_token_looks_like_the_users_own() {
    let emulator = start();
    emulator.sign_up(PHONE);
    let session = emulator.verify_newest(PHONE);
    let genuine = jwt_part(session["sessionJwt"].as_str().unwrap(), 1);
    let tokens = forge(&emulator, &json!({"loginId": PHONE}));
    let forged = jwt_part(&tokens[0], 1);
    assert_eq!(tokens.len(), 1);
    for claim in ["sub", "iss", "drn"] {
        assert_eq!(forged[claim], genuine[claim], "{claim}");
    }
    assert!(forged["exp"].as_u64() >= genuine["exp"].as_u64());
    let other = jwt_part(&forge(&emulator, &json!({}))[0], 1);
    assert!(other["sub"] != genuine["sub"] && other["sub"].is_string());
}

#[test]
fn a_forged_token_has_the_lifetime_and_the_claims_of_a_genuine_one() {
    let emulator = start();
    emulator.put_settings(&json!({"project_settings": {"session_token_expiration": "7 minutes"}}));
    emulator.sign_up(PHONE);
    let session = emulator.verify_newest(PHONE);
    let genuine = jwt_part(session["sessionJwt"].as_str().unwrap(), 1);
    let forged = jwt_part(&forge(&emulator, &json!({"loginId": PHONE}))[0], 1);
    let lifetime =
        |claims: &Value| claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!((lifetime(&genuine), lifetime(&forged)), (420, 420));
    let names = |claims: &Value| {
        claims
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&forged), names(&genuine));
    assert_ne!(forged["jti"], genuine["jti"]);
}

#[test]
fn the_algorithm_is_the_projects_or_a_given_one() {
    let emulator = TestEmulator::start(Options {
        algorithm: Algorithm::Es256,
        ..Options::default()
    });
    for (request, expected) in [
        (json!({}), "ES256"),
        (json!({"alg": "ES512"}), "ES512"),
        (json!({"alg": "EdDSA"}), "EdDSA"),
    ] {
        let tokens = forge(&emulator, &request);
        assert_eq!(jwt_part(&tokens[0], 0)["alg"], json!(expected));
    }
}

#[test]
fn an_invalid_request_gets_400_with_advice() {
    let emulator = start();
    for (invalid, expected_text) in [
        (json!({"count": 0}), "from 1 to 10000"),
        (json!({"count": 10_001}), "from 1 to 10000"),
        (json!({"loginId": "nobody"}), "`loginId`"),
        (json!({"alg": "none"}), "`alg` must be"),
        (json!({"user": PHONE}), "unknown field `user`"),
    ] {
        let (status, response) = emulator.post("/_emulator/forge", "", &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
}
