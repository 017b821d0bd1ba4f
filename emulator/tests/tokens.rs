//! Tokens: algorithms, signatures, issuer and custom claims.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use common::{PHONE, TestEmulator, assert_api_error, start};
use descope_ml_emulator::{Algorithm, Emulator, Options};
use p521::ecdsa::signature::Verifier;
use p521::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};

/// Signs a user up. Returns the session token and the refresh token.
fn sign_up_for_tokens(emulator: &TestEmulator) -> [String; 2] {
    let (_, response) = emulator.verify(&emulator.sign_up(PHONE));
    ["sessionJwt", "refreshJwt"].map(|key| response[key].as_str().unwrap().to_owned())
}

fn decode_base64(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// Decodes the header and the claims of a token, without verifying it.
fn decode_token(token: &str) -> [Value; 2] {
    let mut parts = token.split('.');
    [(); 2].map(|()| serde_json::from_slice(&decode_base64(parts.next().unwrap())).unwrap())
}

fn me(emulator: &TestEmulator, token: &str) -> (u16, Value) {
    emulator.get_with_bearer("/v1/auth/me", &format!(":{token}"))
}

#[test]
fn tokens_are_signed_with_the_projects_algorithm() {
    for (algorithm, alg) in [
        (Algorithm::Rs512, "RS512"),
        (Algorithm::Es384, "ES384"),
        (Algorithm::Es512, "ES512"),
        (Algorithm::EdDsa, "EdDSA"),
    ] {
        let emulator = TestEmulator::start(Options {
            algorithm,
            ..Options::default()
        });
        let [session, refresh] = sign_up_for_tokens(&emulator);
        let [header, _] = decode_token(&session);
        let own = |version| format!("/{version}/keys/{}", emulator.server.project_id());
        let (_, key) = emulator.get(&own("v1"));
        assert_eq!((&header["alg"], &key["alg"]), (&json!(alg), &json!(alg)));
        assert_eq!(header["kid"], key["kid"]);
        assert_eq!(emulator.get(&own("v2")).1, json!({"keys": [key]}));
        assert_eq!(me(&emulator, &refresh).0, 200, "{alg}");
        // A rotation without an algorithm uses the project's, and so does a reset.
        emulator.post("/_emulator/keys/rotate", "", &json!({}));
        assert_eq!(emulator.get(&own("v1")).1["alg"], alg);
        emulator.post("/_emulator/reset", "", &json!({"keys": true}));
        assert_eq!(emulator.get(&own("v1")).1["alg"], alg);
    }
}

#[test]
fn an_es512_signature_is_valid_for_the_published_key() {
    let emulator = TestEmulator::start(Options {
        algorithm: Algorithm::Es512,
        ..Options::default()
    });
    let [session, _] = sign_up_for_tokens(&emulator);
    let (_, key) = emulator.get(&format!("/v1/keys/{}", emulator.server.project_id()));
    assert_eq!((&key["kty"], &key["crv"]), (&json!("EC"), &json!("P-521")));
    let mut point = vec![4];
    point.extend(decode_base64(key["x"].as_str().unwrap()));
    point.extend(decode_base64(key["y"].as_str().unwrap()));
    let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
    let (message, signature) = session.rsplit_once('.').unwrap();
    let signature = Signature::from_slice(&decode_base64(signature)).unwrap();
    key.verify(message.as_bytes(), &signature).unwrap();
}

#[test]
fn a_forged_token_gets_401() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es512] {
        let emulator = TestEmulator::start(Options {
            algorithm,
            ..Options::default()
        });
        let [_, refresh] = sign_up_for_tokens(&emulator);
        let parts_of_token: Vec<&str> = refresh.split('.').collect();
        let [header, claims] = decode_token(&refresh);
        let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let changed = |value: &Value, key: &str, to: &str| {
            let mut value = value.clone();
            value[key] = json!(to);
            encoded(&value)
        };
        let none = changed(&header, "alg", "none");
        let other = changed(&claims, "sub", "U2");
        for forged in [
            format!("{}.{other}.{}", parts_of_token[0], parts_of_token[2]),
            format!("{none}.{}.", parts_of_token[1]),
            format!("{none}.{}.{}", parts_of_token[1], parts_of_token[2]),
            format!("{}.{}.{}", parts_of_token[0], parts_of_token[1], "AAAA"),
            format!("{}.{}", parts_of_token[0], parts_of_token[1]),
            refresh[..refresh.len() - 4].to_owned(),
        ] {
            assert_api_error(me(&emulator, &forged), 401, "E061005");
        }
        assert_eq!(me(&emulator, &refresh).0, 200);
    }
}

#[test]
fn the_issuer_can_be_a_url_that_ends_in_the_project_id() {
    let emulator = TestEmulator::start(Options {
        issuer_url: Some("https://api.example.com/v1/apps".to_owned()),
        ..Options::default()
    });
    let [session, refresh] = sign_up_for_tokens(&emulator);
    let issuer = format!(
        "https://api.example.com/v1/apps/{}",
        emulator.server.project_id()
    );
    for token in [&session, &refresh] {
        assert_eq!(decode_token(token)[1]["iss"], json!(issuer));
    }
    assert_eq!(me(&emulator, &refresh).0, 200);
    let invalid = Emulator::start(Options {
        issuer_url: Some("api.example.com".to_owned()),
        ..Options::default()
    });
    let problem = invalid.unwrap_err().to_string();
    assert!(problem.starts_with("--issuer-url must be"), "{problem}");
}

#[test]
fn custom_claims_are_top_level_and_never_replace_reserved_claims() {
    let emulator = start();
    emulator.sign_up(PHONE);
    let request = json!({
        "tier": {"a": [1, null]}, "drn": "DSR", "exp": 1, "iss": "P2", "roles": ["admin"],
        "permissions": ["all"], "tenants": {"T1": {}}, "dct": "T1", "amr": ["mfa"], "jti": "x",
        "rexp": "never", "su": true,
    });
    emulator.sign_in(&json!({"loginOptions": {"customClaims": request}}));
    let (_, response) = emulator.verify(&emulator.newest_token(PHONE));
    let [_, claims] = decode_token(response["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["tier"], json!({"a": [1, null]}));
    for (name, value) in request.as_object().unwrap() {
        assert!(name == "tier" || claims.get(name) != Some(value), "{name}");
    }
    // A refresh keeps them.
    let bearer = format!(":{}", response["refreshJwt"].as_str().unwrap());
    let (_, refreshed) = emulator.post("/v1/auth/refresh", &bearer, &json!({}));
    let [_, claims] = decode_token(refreshed["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["tier"], json!({"a": [1, null]}));
}
