//! Tokens and key sets. The first byte chooses what the rest is:
//! a token, checked with keys whose private halves are gone (only what they have signed may hold); a
//! header and a payload, signed here with a good key (what holds must keep every rule); or a key set and
//! a token, two lines (whatever holds is told of as it is).
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

/// One key of each algorithm, and what each has signed: the tokens under `signed` of the file.
const SIGNED: &str = include_str!("../signed.json");

struct Fixed {
    /// Trusts the keys whose private halves are gone.
    theirs: Client,
    /// What comes before the signature in what they have signed.
    signed: Vec<String>,
    /// Trusts the key that this target signs with.
    ours: Client,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let file = Json::read(SIGNED).expect("the file is JSON");
    let signed = match file.object().and_then(|file| file.get("signed")) {
        Some(Json::Array(tokens)) => tokens.iter().filter_map(Json::text).map(|token| {
            let (signed, _) = token.rsplit_once('.').expect("a token has a signature");
            signed.to_owned()
        }),
        _ => panic!("the file has signed tokens"),
    };
    Fixed {
        theirs: keys::client(SIGNED).expect("the file is a key set"),
        signed: signed.collect(),
        ours: keys::client(&keys::set()).expect("a client can be made"),
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
            if is_told_of(&FIXED.theirs, text) {
                let (signed, _) = text.rsplit_once('.').expect("what holds has a signature");
                let is_theirs = FIXED.signed.iter().any(|theirs| theirs == signed);
                assert!(is_theirs, "a token that nobody has signed holds");
            }
        }
        1 => {
            let Some((header, payload)) = text.split_once('\n') else {
                return Corpus::Reject;
            };
            let token = keys::token(header.as_bytes(), payload.as_bytes());
            if is_told_of(&FIXED.ours, &token) {
                keeps_the_rules(header, payload);
            }
        }
        _ => {
            let Some((set, token)) = text.split_once('\n') else {
                return Corpus::Reject;
            };
            if let Some(client) = keys::client(set) {
                is_told_of(&client, token);
            }
        }
    }
    Corpus::Keep
});

/// Whether a token holds; if it does, it is told of as it is, and if not, a token error says why.
fn is_told_of(client: &Client, token: &str) -> bool {
    let request = serde_json::to_string(&serde_json::json!({ "sessionToken": token }));
    let request = request.expect("a text is JSON");
    match client.try_call_local("session/validate", &request) {
        Ok(Some(answer)) => {
            let payload = token.split('.').nth(1).expect("what holds has a payload");
            let payload = URL_SAFE_NO_PAD
                .decode(payload)
                .expect("what holds is base64url");
            let payload = String::from_utf8(payload).expect("what holds is text");
            assert!(json::is_object(&answer), "an answer is a JSON object");
            let answer = Json::read(&answer).expect("an answer can be read");
            let answer = answer.object().expect("an answer is an object");
            assert_eq!(answer["jwt"].text(), Some(token));
            assert_eq!(Some(&answer["claims"]), Json::read(&payload).as_ref());
            true
        }
        Ok(None) => panic!("with keys at hand nothing is fetched"),
        Err(error) => {
            is_refusal(&error, token);
            false
        }
    }
}

fn is_refusal(error: &Error, token: &str) {
    error::check(error);
    match error.status() {
        Status::Token => assert!(error.reason().is_some(), "a token error has a reason"),
        Status::Argument => {
            // Empty, or too large to be read.
            assert!(token.is_empty() || token.len() > 1 << 18);
        }
        status => panic!("{status:?}"),
    }
    assert!(error.attempts().is_none(), "nothing was sent");
    if token.len() > 64 {
        error::keeps(error, token);
    }
}

/// Checks a token that holds by the rules, as another reader of JSON sees it.
fn keeps_the_rules(header: &str, payload: &str) {
    let header = Json::read(header).expect("a header is JSON");
    let header = header.object().expect("a header is an object");
    assert_eq!(
        header["alg"].text(),
        Some("EdDSA"),
        "the algorithm is the key's"
    );
    assert!(!header.contains_key("crit"), "no extension is known");
    if let Some(id) = header.get("kid").and_then(Json::text) {
        assert_eq!(id, "K1", "the key is the project's");
    }
    let claims = Json::read(payload).expect("claims are JSON");
    let claims = claims.object().expect("claims are an object");
    let number = |name: &str| match claims.get(name) {
        Some(Json::Other(number)) => Some(number.parse::<f64>().expect("a time is a number")),
        Some(_) => panic!("a time is a number"),
        None => None,
    };
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("it is later than 1970")
        .as_secs_f64();
    assert!(
        number("exp").expect("a token expires") > now - 6.0,
        "it has expired"
    );
    for start in ["nbf", "iat"] {
        assert!(
            number(start).is_none_or(|start| start < now + 6.0),
            "it has not begun"
        );
    }
    let issuer = claims["iss"].text().expect("an issuer is a text");
    assert_eq!(issuer.rsplit('/').next(), Some(keys::PROJECT));
    let is_project = |audience: &Json| audience.text() == Some(keys::PROJECT);
    match claims.get("aud") {
        None => {}
        Some(Json::Array(list)) => assert!(list.is_empty() || list.iter().any(is_project)),
        Some(one) => assert!(is_project(one)),
    }
    assert_ne!(claims.get("drn").and_then(Json::text), Some("DSR"));
}
