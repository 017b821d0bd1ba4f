//! A project and its key pair, with which targets sign tokens.
#![allow(dead_code, reason = "each target uses a part of it")]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use descope_ml_core::Client;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// The project of all targets.
pub const PROJECT: &str = "P2fuzz";

static KEY_PAIR: LazyLock<Ed25519KeyPair> = LazyLock::new(|| {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes are a valid seed")
});

/// The key set of the project. It has one key.
pub fn key_set() -> String {
    let x = URL_SAFE_NO_PAD.encode(KEY_PAIR.public_key());
    format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"K1","x":"{x}"}}]}}"#)
}

/// A token with this header and payload, and a valid signature.
pub fn signed_token(header: &[u8], payload: &[u8]) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let signature = KEY_PAIR.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// The configuration of a client that cannot connect: its base URL is port 1 of this machine, where nothing
/// listens, and it uses no proxy.
pub fn config(public_key: &str) -> String {
    let public_key = serde_json::to_string(public_key).expect("a string is valid JSON");
    format!(
        r#"{{"projectId":"{PROJECT}","baseUrl":"http://127.0.0.1:1","proxy":"none","maxAttempts":1,"timeoutMs":2000,"managementKey":"K2fuzz","publicKey":{public_key}}}"#
    )
}

/// A client with this public key; `None` if the key is invalid.
pub fn client(public_key: &str) -> Option<Client> {
    Client::from_json(Some(&config(public_key))).ok()
}
