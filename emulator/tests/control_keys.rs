//! The control route for key rotation.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, TestEmulator, assert_api_error, start};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

const ROTATE: &str = "/_emulator/keys/rotate";

fn published_keys(emulator: &TestEmulator) -> Value {
    emulator
        .get(&format!("/v2/keys/{}", emulator.server.project_id()))
        .1
}

/// Signs the user with [`PHONE`] in. Returns the session token and the refresh token.
fn sign_in_for_tokens(emulator: &TestEmulator) -> [String; 2] {
    emulator.sign_in(&json!({}));
    let (_, response) = emulator.verify(&emulator.newest_token(PHONE));
    ["sessionJwt", "refreshJwt"].map(|key| response[key].as_str().unwrap().to_owned())
}

/// Requests a step-up with this refresh token.
fn step_up(emulator: &TestEmulator, refresh: &str) -> (u16, Value) {
    let body = json!({"loginId": PHONE, "loginOptions": {"stepup": true}});
    let path = "/v1/auth/magiclink/signin/sms";
    emulator.post(path, &format!(":{refresh}"), &body)
}

#[test]
fn tokens_of_each_algorithm_are_valid_for_the_published_keys() {
    let emulator = start();
    emulator.sign_up(PHONE);
    for alg in ["RS384", "RS512", "ES256", "ES384", "EdDSA", "RS256"] {
        let (status, set) = emulator.post(ROTATE, "", &json!({"alg": alg}));
        assert_eq!((status, &set), (200, &published_keys(&emulator)), "{alg}");
        let published: JwkSet = serde_json::from_value(set).unwrap();
        let [session, refresh] = sign_in_for_tokens(&emulator);
        let header = decode_header(&session).unwrap();
        assert_eq!(json!(header.alg), json!(alg));
        let key = DecodingKey::from_jwk(published.find(&header.kid.unwrap()).unwrap()).unwrap();
        let claims = decode::<Value>(&session, &key, &Validation::new(header.alg)).unwrap();
        assert_eq!(claims.claims["drn"], json!("DS"));
        assert_eq!(step_up(&emulator, &refresh).0, 200, "{alg}");
    }
    assert_eq!(
        published_keys(&emulator)["keys"].as_array().unwrap().len(),
        7
    );
}

#[test]
fn tokens_of_an_older_key_stay_valid_only_if_the_key_is_kept() {
    let emulator = start();
    emulator.sign_up(PHONE);
    let first = published_keys(&emulator)["keys"][0]["kid"].clone();
    let [_, refresh] = sign_in_for_tokens(&emulator);
    assert_eq!(emulator.post_text(ROTATE, "", "").0, 200);
    assert_eq!(published_keys(&emulator)["keys"][1]["kid"], first);
    assert_eq!(step_up(&emulator, &refresh).0, 200);
    let (status, left) = emulator.post(ROTATE, "", &json!({"keepOld": false, "alg": "ES256"}));
    assert_eq!((status, left["keys"].as_array().unwrap().len()), (200, 1));
    assert_api_error(step_up(&emulator, &refresh), 401, "E061005");
}

#[test]
fn a_reset_keeps_the_keys_unless_keys_is_true() {
    let emulator = start();
    let before = published_keys(&emulator);
    emulator.post("/_emulator/reset", "", &json!({"keys": false}));
    assert_eq!(published_keys(&emulator), before);
    assert_eq!(
        emulator
            .post("/_emulator/reset", "", &json!({"keys": true}))
            .0,
        200
    );
    let after = published_keys(&emulator);
    assert_eq!(after["keys"].as_array().unwrap().len(), 1);
    assert_ne!(after["keys"][0]["kid"], before["keys"][0]["kid"]);
}

#[test]
fn an_invalid_key_rotation_gets_400_with_advice() {
    let emulator = start();
    let before = published_keys(&emulator);
    for (invalid, expected_text) in [
        (json!({"alg": "HS256"}), "must be RS256"),
        (json!({"algorithm": "RS256"}), "unknown field `algorithm`"),
        (json!({"keepOld": "yes"}), "expected a boolean"),
    ] {
        let (status, response) = emulator.post(ROTATE, "", &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
    assert_eq!(published_keys(&emulator), before);
}
