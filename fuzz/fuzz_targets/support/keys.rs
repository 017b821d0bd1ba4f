//! A project with a key of its own, whose private half is here: targets sign with it what they like.
#![allow(dead_code, reason = "each target uses its part")]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use descope_ml_core::Client;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// The project of all targets.
pub const PROJECT: &str = "P2fuzz";

static PAIR: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes make a key"));

/// The key set of the project: its one key.
pub fn set() -> String {
    let x = URL_SAFE_NO_PAD.encode(PAIR.public_key());
    format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"K1","x":"{x}"}}]}}"#)
}

/// A token with this header and payload, rightly signed.
pub fn token(header: &[u8], payload: &[u8]) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = PAIR.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// The configuration of a client of the project that never reaches anybody: port 1 of this machine,
/// where nobody listens, without a proxy.
pub fn config(public_key: &str) -> String {
    let public_key = serde_json::to_string(public_key).expect("a text is JSON");
    format!(
        r#"{{"projectId":"{PROJECT}","baseUrl":"http://127.0.0.1:1","proxy":"none","maxAttempts":1,"timeoutMs":2000,"managementKey":"K2fuzz","publicKey":{public_key}}}"#
    )
}

/// A client with this public key; `None` where the key is none.
pub fn client(public_key: &str) -> Option<Client> {
    Client::from_json(Some(&config(public_key))).ok()
}
