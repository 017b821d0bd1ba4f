//! The tokens themselves: what they are signed with, whom they name, and which are not believed.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::{Algorithm, Emulator, Options};
use p521::ecdsa::signature::Verifier;
use p521::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};

/// The session and the refresh token of a user who has just signed up.
fn tokens(local: &Local) -> [String; 2] {
    let (_, answer) = local.verify(&local.sign_up(PHONE));
    ["sessionJwt", "refreshJwt"].map(|key| answer[key].as_str().unwrap().to_owned())
}

fn decoded(part: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// The header and the claims of a token.
fn parts(token: &str) -> [Value; 2] {
    let mut parts = token.split('.');
    [(); 2].map(|()| serde_json::from_slice(&decoded(parts.next().unwrap())).unwrap())
}

fn me(local: &Local, token: &str) -> (u16, Value) {
    local.get_as("/v1/auth/me", &format!(":{token}"))
}

#[test]
fn a_project_signs_with_the_algorithm_of_its_own() {
    for (algorithm, alg) in [
        (Algorithm::Rs512, "RS512"),
        (Algorithm::Es384, "ES384"),
        (Algorithm::Es512, "ES512"),
        (Algorithm::EdDsa, "EdDSA"),
    ] {
        let local = Local::start(Options {
            algorithm,
            ..Options::default()
        });
        let [session, refresh] = tokens(&local);
        let [header, _] = parts(&session);
        let own = |version| format!("/{version}/keys/{}", local.emulator.project_id());
        let (_, key) = local.get(&own("v1"));
        assert_eq!((&header["alg"], &key["alg"]), (&json!(alg), &json!(alg)));
        assert_eq!(header["kid"], key["kid"]);
        assert_eq!(local.get(&own("v2")).1, json!({"keys": [key]}));
        assert_eq!(me(&local, &refresh).0, 200, "{alg}");
        // A rotation that names no algorithm keeps it, and so does a reset.
        local.post("/_emulator/keys/rotate", "", &json!({}));
        assert_eq!(local.get(&own("v1")).1["alg"], alg);
        local.post("/_emulator/reset", "", &json!({"keys": true}));
        assert_eq!(local.get(&own("v1")).1["alg"], alg);
    }
}

#[test]
fn a_signature_on_the_large_curve_holds_by_the_published_key() {
    let local = Local::start(Options {
        algorithm: Algorithm::Es512,
        ..Options::default()
    });
    let [session, _] = tokens(&local);
    let (_, key) = local.get(&format!("/v1/keys/{}", local.emulator.project_id()));
    assert_eq!((&key["kty"], &key["crv"]), (&json!("EC"), &json!("P-521")));
    let mut point = vec![4];
    point.extend(decoded(key["x"].as_str().unwrap()));
    point.extend(decoded(key["y"].as_str().unwrap()));
    let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
    let (message, signature) = session.rsplit_once('.').unwrap();
    let signature = Signature::from_slice(&decoded(signature)).unwrap();
    key.verify(message.as_bytes(), &signature).unwrap();
}

#[test]
fn a_token_that_was_tampered_with_is_not_believed() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es512] {
        let local = Local::start(Options {
            algorithm,
            ..Options::default()
        });
        let [_, refresh] = tokens(&local);
        let pieces: Vec<&str> = refresh.split('.').collect();
        let [header, claims] = parts(&refresh);
        let encoded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let changed = |value: &Value, key: &str, to: &str| {
            let mut value = value.clone();
            value[key] = json!(to);
            encoded(&value)
        };
        let none = changed(&header, "alg", "none");
        let other = changed(&claims, "sub", "U2");
        for forged in [
            format!("{}.{other}.{}", pieces[0], pieces[2]),
            format!("{none}.{}.", pieces[1]),
            format!("{none}.{}.{}", pieces[1], pieces[2]),
            format!("{}.{}.{}", pieces[0], pieces[1], "AAAA"),
            format!("{}.{}", pieces[0], pieces[1]),
            refresh[..refresh.len() - 4].to_owned(),
        ] {
            assert_refused(me(&local, &forged), 401, "E061005");
        }
        assert_eq!(me(&local, &refresh).0, 200);
    }
}

#[test]
fn the_issuer_may_be_a_url_that_ends_in_the_project_id() {
    let local = Local::start(Options {
        issuer_url: Some("https://api.example.com/v1/apps".to_owned()),
        ..Options::default()
    });
    let [session, refresh] = tokens(&local);
    let issuer = format!(
        "https://api.example.com/v1/apps/{}",
        local.emulator.project_id()
    );
    for token in [&session, &refresh] {
        assert_eq!(parts(token)[1]["iss"], json!(issuer));
    }
    assert_eq!(me(&local, &refresh).0, 200);
    let wrong = Emulator::start(Options {
        issuer_url: Some("api.example.com".to_owned()),
        ..Options::default()
    });
    let problem = wrong.unwrap_err().to_string();
    assert!(problem.starts_with("--issuer-url must be"), "{problem}");
}

#[test]
fn custom_claims_are_at_the_top_and_never_in_the_place_of_others() {
    let local = Local::start(Options::default());
    local.sign_up(PHONE);
    let wanted = json!({
        "tier": {"a": [1, null]}, "drn": "DSR", "exp": 1, "iss": "P2", "roles": ["admin"],
        "permissions": ["all"], "tenants": {"T1": {}}, "dct": "T1", "amr": ["mfa"], "jti": "x",
        "rexp": "never", "su": true,
    });
    local.sign_in(&json!({"loginOptions": {"customClaims": wanted}}));
    let (_, answer) = local.verify(&local.newest(PHONE));
    let [_, claims] = parts(answer["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["tier"], json!({"a": [1, null]}));
    for (name, value) in wanted.as_object().unwrap() {
        assert!(name == "tier" || claims.get(name) != Some(value), "{name}");
    }
    // They stay when the session is refreshed.
    let bearer = format!(":{}", answer["refreshJwt"].as_str().unwrap());
    let (_, refreshed) = local.post("/v1/auth/refresh", &bearer, &json!({}));
    let [_, claims] = parts(refreshed["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["tier"], json!({"a": [1, null]}));
}
