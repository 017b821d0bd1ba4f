//! Request and configuration documents. An accepted request is sent unchanged; any other document is
//! rejected with a message.
//!
//! Input: the first byte chooses the operation, or the configuration. The rest is the document.
#![no_main]

mod support {
    pub mod error;
    pub mod json;
}

use std::collections::BTreeMap;
use std::sync::LazyLock;

use descope_ml_core::{Error, Status, fuzzing};
use libfuzzer_sys::{Corpus, fuzz_target};
use support::error;
use support::json::{self, Json};

/// Keys that control a call and are never sent.
const CONTROL_KEYS: [&str; 6] = [
    "projectId",
    "refreshToken",
    "sessionToken",
    "audience",
    "timeoutMs",
    "extra",
];

type Members = BTreeMap<String, Json>;

fuzz_target!(|data: &[u8]| -> Corpus {
    static OPERATIONS: LazyLock<Vec<&str>> = LazyLock::new(|| fuzzing::operations().collect());
    let Some((choice, document)) = data.split_first() else {
        return Corpus::Reject;
    };
    let Ok(document) = std::str::from_utf8(document) else {
        return Corpus::Reject;
    };
    let choice = usize::from(*choice) % (OPERATIONS.len() + 1);
    match OPERATIONS.get(choice) {
        Some(operation) => match fuzzing::body(operation, document) {
            Ok(Some(body)) => check_body(document, &body),
            Ok(None) => {}
            Err(error) => check_error(&error, Status::Argument),
        },
        None => {
            if let Err(error) = fuzzing::settings(document) {
                check_error(&error, Status::Config);
            }
        }
    }
    Corpus::Keep
});

fn check_error(error: &Error, status: Status) {
    error::check(error);
    assert_eq!(error.status(), status);
    assert!(error.attempts().is_none(), "nothing must have been sent");
}

/// Checks that the body is the document without its control keys and with `extra` merged in.
fn check_body(document: &str, body: &str) {
    assert!(json::is_object(body), "a body must be a JSON object");
    let document = Json::parse(document).expect("an accepted document is JSON");
    let document = document
        .object()
        .expect("an accepted document is an object");
    let body = Json::parse(body).expect("a body must be readable JSON");
    let none = Members::new();
    let extra = document
        .get("extra")
        .and_then(Json::object)
        .unwrap_or(&none);
    let is_sent = |(key, _): &(&String, &Json)| !CONTROL_KEYS.contains(&key.as_str());
    let sent = document.iter().filter(is_sent).collect();
    let extra = extra.iter().collect();
    check_union(body.object().expect("a body is an object"), &sent, &extra);
}

/// Checks that `body` is the union of `sent` and `extra`. Objects in both are merged. Only nulls of `sent`
/// may be missing.
fn check_union(body: &Members, sent: &BTreeMap<&String, &Json>, extra: &BTreeMap<&String, &Json>) {
    for (key, value) in body {
        match (sent.get(key), extra.get(key)) {
            (Some(one), None) => check_same(value, one),
            (None, Some(other)) => assert_eq!(value, *other, "`extra` must be sent unchanged"),
            (Some(one), Some(other)) if one.is_null() => assert_eq!(value, *other),
            (Some(one), Some(other)) => {
                let members = |json: &'_ Json| json.object().is_some();
                assert!(
                    members(one) && members(other),
                    "`extra` must not replace a value"
                );
                let (Some(value), Some(one), Some(other)) =
                    (value.object(), one.object(), other.object())
                else {
                    panic!("merged objects must give an object");
                };
                check_union(value, &one.iter().collect(), &other.iter().collect());
            }
            (None, None) => panic!("the body has a key that is in neither document"),
        }
    }
    let is_missing =
        |(key, value): &(&&String, &&Json)| !body.contains_key(**key) && !value.is_null();
    assert!(
        sent.iter().find(is_missing).is_none(),
        "every value of the document must be sent"
    );
    assert!(
        extra.keys().all(|key| body.contains_key(*key)),
        "every value of `extra` must be sent"
    );
}

/// Checks that a value is sent unchanged. Nulls in objects may be left out.
fn check_same(sent: &Json, given: &Json) {
    match (sent, given) {
        (Json::Object(sent), Json::Object(given)) => {
            check_union(sent, &given.iter().collect(), &BTreeMap::new());
        }
        (Json::Array(sent), Json::Array(given)) => {
            assert_eq!(sent.len(), given.len());
            sent.iter()
                .zip(given)
                .for_each(|(sent, given)| check_same(sent, given));
        }
        _ => assert_eq!(sent, given),
    }
}
