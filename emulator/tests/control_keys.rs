//! The control routes: other keys, and what is still believed after that.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

const ROTATE: &str = "/_emulator/keys/rotate";

fn local() -> Local {
    Local::start(Options::default())
}

fn keys(local: &Local) -> Value {
    local
        .get(&format!("/v2/keys/{}", local.emulator.project_id()))
        .1
}

/// A session and a refresh token of the user of [`PHONE`].
fn tokens(local: &Local) -> [String; 2] {
    local.sign_in(&json!({}));
    let (_, answer) = local.verify(&local.newest(PHONE));
    ["sessionJwt", "refreshJwt"].map(|key| answer[key].as_str().unwrap().to_owned())
}

/// Whether a step-up with this refresh token is allowed.
fn step_up(local: &Local, refresh: &str) -> (u16, Value) {
    let body = json!({"loginId": PHONE, "loginOptions": {"stepup": true}});
    let path = "/v1/auth/magiclink/signin/sms";
    local.post(path, &format!(":{refresh}"), &body)
}

#[test]
fn the_tokens_of_each_algorithm_hold_by_the_keys_that_are_published() {
    let local = local();
    local.sign_up(PHONE);
    for alg in ["RS384", "RS512", "ES256", "ES384", "EdDSA", "RS256"] {
        let (status, set) = local.post(ROTATE, "", &json!({"alg": alg}));
        assert_eq!((status, &set), (200, &keys(&local)), "{alg}");
        let published: JwkSet = serde_json::from_value(set).unwrap();
        let [session, refresh] = tokens(&local);
        let header = decode_header(&session).unwrap();
        assert_eq!(json!(header.alg), json!(alg));
        let key = DecodingKey::from_jwk(published.find(&header.kid.unwrap()).unwrap()).unwrap();
        let claims = decode::<Value>(&session, &key, &Validation::new(header.alg)).unwrap();
        assert_eq!(claims.claims["drn"], json!("DS"));
        assert_eq!(step_up(&local, &refresh).0, 200, "{alg}");
    }
    assert_eq!(keys(&local)["keys"].as_array().unwrap().len(), 7);
}

#[test]
fn what_an_older_key_signed_holds_only_if_it_is_kept() {
    let local = local();
    local.sign_up(PHONE);
    let first = keys(&local)["keys"][0]["kid"].clone();
    let [_, refresh] = tokens(&local);
    assert_eq!(local.post_text(ROTATE, "", "").0, 200);
    assert_eq!(keys(&local)["keys"][1]["kid"], first);
    assert_eq!(step_up(&local, &refresh).0, 200);
    let (status, left) = local.post(ROTATE, "", &json!({"keepOld": false, "alg": "ES256"}));
    assert_eq!((status, left["keys"].as_array().unwrap().len()), (200, 1));
    assert_refused(step_up(&local, &refresh), 401, "E061005");
}

#[test]
fn a_reset_keeps_the_keys_unless_it_is_told_otherwise() {
    let local = local();
    let before = keys(&local);
    local.post("/_emulator/reset", "", &json!({"keys": false}));
    assert_eq!(keys(&local), before);
    assert_eq!(
        local.post("/_emulator/reset", "", &json!({"keys": true})).0,
        200
    );
    let after = keys(&local);
    assert_eq!(after["keys"].as_array().unwrap().len(), 1);
    assert_ne!(after["keys"][0]["kid"], before["keys"][0]["kid"]);
}

#[test]
fn a_key_that_cannot_be_is_refused_with_what_to_do() {
    let local = local();
    let before = keys(&local);
    for (wrong, words) in [
        (json!({"alg": "HS256"}), "must be RS256"),
        (json!({"algorithm": "RS256"}), "unknown field `algorithm`"),
        (json!({"keepOld": "yes"}), "expected a boolean"),
    ] {
        let (status, answer) = local.post(ROTATE, "", &wrong);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(words), "{wrong}: {answer}");
    }
    assert_eq!(keys(&local), before);
}
