//! Checks that apply to every error.
#![allow(dead_code, reason = "each target uses a part of it")]

use descope_ml_core::Error;
use serde_json::Value;

/// Checks an error document; returns its status.
pub fn check_document(json: &str) -> i64 {
    let document: Value = serde_json::from_str(json).expect("an error document must be JSON");
    let outer = document
        .as_object()
        .expect("an error document must be an object");
    assert_eq!(
        outer.len(),
        1,
        "an error document must have the key `error` only"
    );
    let error = &document["error"];
    let status = error["status"]
        .as_i64()
        .expect("an error must have a status");
    assert!(
        status > 4 || (1..=2).contains(&status) || status == 4,
        "unexpected status {status}"
    );
    assert_ne!(status, 90, "the library caught a bug: {error}");
    let name = error["name"].as_str().expect("an error must have a name");
    assert!(name.starts_with("DESCOPE_E_"), "{name}");
    let message = error["message"]
        .as_str()
        .expect("an error must have a message");
    assert!(!message.is_empty(), "a message must not be empty");
    let outcome = error["outcome"]
        .as_str()
        .expect("an error must have an outcome");
    assert!(
        ["not_sent", "refused", "unknown"].contains(&outcome),
        "{outcome}"
    );
    status
}

/// Checks an error of core.
pub fn check(error: &Error) {
    let status = check_document(&error.to_json());
    assert_eq!(status, i64::from(error.status().code()));
}

/// Checks that neither the message of an error nor its `Debug` output has a secret in it.
pub fn check_no_secret(error: &Error, secret: &str) {
    assert!(
        !error.to_string().contains(secret),
        "the message has a secret in it"
    );
    assert!(
        !format!("{error:?}").contains(secret),
        "the `Debug` output has a secret in it"
    );
}
