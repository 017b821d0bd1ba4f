//! Request and configuration documents: what is taken goes on the wire unchanged, all else is refused in
//! words. The first byte chooses the operation, or the configuration; the rest is the document.
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

/// Keys that steer a call and are never sent.
const CONTROL: [&str; 6] = [
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
            Ok(Some(body)) => arrives(document, &body),
            Ok(None) => {}
            Err(error) => is_refusal(&error, Status::Argument),
        },
        None => {
            if let Err(error) = fuzzing::settings(document) {
                is_refusal(&error, Status::Config);
            }
        }
    }
    Corpus::Keep
});

fn is_refusal(error: &Error, status: Status) {
    error::check(error);
    assert_eq!(error.status(), status);
    assert!(error.attempts().is_none(), "nothing was sent");
}

/// Checks that the body is the document, less what steers the call, with `extra` merged in.
fn arrives(document: &str, body: &str) {
    assert!(json::is_object(body), "a body is a JSON object");
    let document = Json::read(document).expect("what was taken is JSON");
    let document = document.object().expect("what was taken is an object");
    let body = Json::read(body).expect("a body can be read");
    let none = Members::new();
    let extra = document
        .get("extra")
        .and_then(Json::object)
        .unwrap_or(&none);
    let is_sent = |(key, _): &(&String, &Json)| !CONTROL.contains(&key.as_str());
    let sent = document.iter().filter(is_sent).collect();
    let extra = extra.iter().collect();
    is_union(body.object().expect("a body is an object"), &sent, &extra);
}

/// Checks that each member of `body` comes from one of the two, or from both where they are objects,
/// and that of both only nulls of the document are missing.
fn is_union(body: &Members, sent: &BTreeMap<&String, &Json>, extra: &BTreeMap<&String, &Json>) {
    for (key, value) in body {
        match (sent.get(key), extra.get(key)) {
            (Some(one), None) => is_same(value, one),
            (None, Some(other)) => assert_eq!(value, *other, "`extra` goes out unchanged"),
            (Some(one), Some(other)) if one.is_null() => assert_eq!(value, *other),
            (Some(one), Some(other)) => {
                let members = |json: &'_ Json| json.object().is_some();
                assert!(members(one) && members(other), "`extra` replaces nothing");
                let (Some(value), Some(one), Some(other)) =
                    (value.object(), one.object(), other.object())
                else {
                    panic!("objects are merged into an object");
                };
                is_union(value, &one.iter().collect(), &other.iter().collect());
            }
            (None, None) => panic!("a key comes from nowhere"),
        }
    }
    let is_missing =
        |(key, value): &(&&String, &&Json)| !body.contains_key(**key) && !value.is_null();
    assert!(
        sent.iter().find(is_missing).is_none(),
        "what was given is sent"
    );
    assert!(
        extra.keys().all(|key| body.contains_key(*key)),
        "what is in `extra` is sent"
    );
}

/// Checks that a value goes out as it came, but that nulls in objects may be left out.
fn is_same(sent: &Json, given: &Json) {
    match (sent, given) {
        (Json::Object(sent), Json::Object(given)) => {
            is_union(sent, &given.iter().collect(), &BTreeMap::new());
        }
        (Json::Array(sent), Json::Array(given)) => {
            assert_eq!(sent.len(), given.len());
            sent.iter()
                .zip(given)
                .for_each(|(sent, given)| is_same(sent, given));
        }
        _ => assert_eq!(sent, given),
    }
}
