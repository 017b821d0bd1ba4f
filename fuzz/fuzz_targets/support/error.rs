//! What must be true of every error, wherever it comes from.
#![allow(dead_code, reason = "each target uses its part")]

use descope_ml_core::Error;
use serde_json::Value;

/// Checks an error document; its status.
pub fn check_document(json: &str) -> i64 {
    let document: Value = serde_json::from_str(json).expect("an error document is JSON");
    let outer = document
        .as_object()
        .expect("an error document is an object");
    assert_eq!(
        outer.len(),
        1,
        "`error` is all that an error document holds"
    );
    let error = &document["error"];
    let status = error["status"].as_i64().expect("an error has a status");
    assert!(
        status > 4 || (1..=2).contains(&status) || status == 4,
        "status {status}"
    );
    assert_ne!(status, 90, "a bug was caught: {error}");
    let name = error["name"].as_str().expect("an error has a name");
    assert!(name.starts_with("DESCOPE_E_"), "{name}");
    let message = error["message"].as_str().expect("an error has a message");
    assert!(!message.is_empty(), "a message says something");
    let outcome = error["outcome"].as_str().expect("an error has an outcome");
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

/// Checks that a secret shows neither in an error's message nor in what `Debug` says of it.
pub fn keeps(error: &Error, secret: &str) {
    assert!(
        !error.to_string().contains(secret),
        "a message tells a secret"
    );
    assert!(
        !format!("{error:?}").contains(secret),
        "`Debug` tells a secret"
    );
}
