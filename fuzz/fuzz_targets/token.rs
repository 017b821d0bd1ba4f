//! Tokens and key sets. The first byte of the input chooses what the rest is:
//!
//! - a token, validated with keys whose private keys were deleted: only tokens that they signed are valid
//! - a header line and a payload, which this target signs: a valid token follows all rules
//! - a line with a key set, and a token: the result for a valid token has its claims
#![no_main]

mod support {
    pub mod error;
    pub mod json;
    pub mod keys;
}

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use descope_ml_core::{Client, Error, Status};
use libfuzzer_sys::{Corpus, fuzz_target};
use support::json::Json;
use support::{error, json, keys};

/// A public key of each algorithm and, under `signed`, tokens that the private keys signed.
const SIGNED: &str = include_str!("../signed.json");

struct Fixture {
    /// Trusts the keys whose private keys were deleted.
    deleted_keys: Client,
    /// The signed parts of their tokens: header and payload.
    signed: Vec<String>,
    /// Trusts the key with which this target signs.
    own_key: Client,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let file = Json::parse(SIGNED).expect("the file is JSON");
    let signed = match file.object().and_then(|file| file.get("signed")) {
        Some(Json::Array(tokens)) => tokens.iter().filter_map(Json::text).map(|token| {
            let (signed, _) = token.rsplit_once('.').expect("a token has a signature");
            signed.to_owned()
        }),
        _ => panic!("the file has signed tokens"),
    };
    Fixture {
        deleted_keys: keys::client(SIGNED).expect("the file is a key set"),
        signed: signed.collect(),
        own_key: keys::client(&keys::key_set()).expect("the configuration must be valid"),
    }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((choice, rest)) = data.split_first() else {
        return Corpus::Reject;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return Corpus::Reject;
    };
    match choice % 3 {
        0 => {
            if is_valid(&FIXTURE.deleted_keys, text) {
                let (signed, _) = text
                    .rsplit_once('.')
                    .expect("a valid token has a signature");
                let was_signed = FIXTURE.signed.iter().any(|one| one == signed);
                assert!(was_signed, "a token that was never signed is valid");
            }
        }
        1 => {
            let Some((header, payload)) = text.split_once('\n') else {
                return Corpus::Reject;
            };
            let token = keys::signed_token(header.as_bytes(), payload.as_bytes());
            if is_valid(&FIXTURE.own_key, &token) {
                check_rules(header, payload);
            }
        }
        _ => {
            let Some((set, token)) = text.split_once('\n') else {
                return Corpus::Reject;
            };
            if let Some(client) = keys::client(set) {
                is_valid(&client, token);
            }
        }
    }
    Corpus::Keep
});

/// Validates a token. Checks that the result has the claims of a valid token, and the error of an invalid one.
fn is_valid(client: &Client, token: &str) -> bool {
    let request = serde_json::to_string(&serde_json::json!({ "sessionToken": token }));
    let request = request.expect("a string is valid JSON");
    match client.try_call_local("session/validate", &request) {
        Ok(Some(result)) => {
            let payload = token
                .split('.')
                .nth(1)
                .expect("a valid token has a payload");
            let payload = URL_SAFE_NO_PAD
                .decode(payload)
                .expect("a valid payload is base64url");
            let payload = String::from_utf8(payload).expect("a valid payload is UTF-8");
            assert!(json::is_object(&result), "a result must be a JSON object");
            let result = Json::parse(&result).expect("a result must be readable JSON");
            let result = result.object().expect("a result must be an object");
            assert_eq!(result["jwt"].text(), Some(token));
            assert_eq!(Some(&result["claims"]), Json::parse(&payload).as_ref());
            true
        }
        Ok(None) => panic!("no keys need to be fetched"),
        Err(error) => {
            check_error(&error, token);
            false
        }
    }
}

fn check_error(error: &Error, token: &str) {
    error::check(error);
    match error.status() {
        Status::Token => assert!(error.reason().is_some(), "a token error must have a reason"),
        Status::Argument => {
            // Empty or too large.
            assert!(token.is_empty() || token.len() > 1 << 18);
        }
        status => panic!("unexpected status {status:?}"),
    }
    assert!(error.attempts().is_none(), "nothing must have been sent");
    if token.len() > 64 {
        error::check_no_secret(error, token);
    }
}

/// Checks with another JSON parser that a valid token follows all rules.
fn check_rules(header: &str, payload: &str) {
    let header = Json::parse(header).expect("a valid header is JSON");
    let header = header.object().expect("a valid header is an object");
    assert_eq!(
        header["alg"].text(),
        Some("EdDSA"),
        "the algorithm must be that of the key"
    );
    assert!(
        !header.contains_key("crit"),
        "unknown extensions must be rejected"
    );
    if let Some(id) = header.get("kid").and_then(Json::text) {
        assert_eq!(id, "K1", "the key must belong to the project");
    }
    let claims = Json::parse(payload).expect("valid claims are JSON");
    let claims = claims.object().expect("valid claims are an object");
    let number = |name: &str| match claims.get(name) {
        Some(Json::Other(number)) => Some(number.parse::<f64>().expect("a time must be a number")),
        Some(_) => panic!("a time must be a number"),
        None => None,
    };
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("the clock is set")
        .as_secs_f64();
    assert!(
        number("exp").expect("a token must expire") > now - 6.0,
        "the token has expired"
    );
    assert!(
        number("nbf").is_none_or(|start| start < now + 6.0),
        "the token is not valid yet"
    );
    let issuer = claims["iss"].text().expect("an issuer must be a string");
    assert_eq!(issuer.rsplit('/').next(), Some(keys::PROJECT));
    let names_project = |audience: &Json| audience.text() == Some(keys::PROJECT);
    match claims.get("aud") {
        None => {}
        Some(Json::Array(list)) => assert!(list.is_empty() || list.iter().any(names_project)),
        Some(one) => assert!(names_project(one)),
    }
    assert_ne!(claims.get("drn").and_then(Json::text), Some("DSR"));
}
