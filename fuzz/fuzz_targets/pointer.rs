//! JSON pointers. A value that was written can be read again, and the result is always valid JSON.
//!
//! Input: three lines. The first is the document (empty: no document), the second the pointer, the rest
//! is the value or text, which may have several lines.
#![no_main]

mod support {
    pub mod error;
}

use descope_ml_core::{Error, Status, json};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::value::RawValue;
use support::error;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(data) = std::str::from_utf8(data) else {
        return Corpus::Reject;
    };
    let mut parts = data.splitn(3, '\n');
    let (Some(doc), Some(pointer), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Corpus::Reject;
    };
    let doc = Some(doc).filter(|doc| !doc.is_empty());
    if let Some(doc) = doc {
        match json::get(doc, pointer) {
            Ok(_) => assert!(is_json(doc), "a value was found in an invalid document"),
            Err(error) => check_error(&error),
        }
    }
    match json::set(doc, pointer, value) {
        Ok(written) => check_written(&written, doc, pointer, value, |pointer| {
            json::set(Some(&written), pointer, value)
        }),
        Err(error) => check_error(&error),
    }
    match json::put(doc, pointer, value) {
        Ok(written) => {
            let json: &RawValue = serde_json::from_str(value).expect("`put` accepts only JSON");
            if let Some(text) = text_of(json) {
                check_written(&written, doc, pointer, &text, |pointer| {
                    json::put(Some(&written), pointer, value)
                });
            }
        }
        Err(error) => check_error(&error),
    }
    Corpus::Keep
});

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn check_error(error: &Error) {
    error::check(error);
    assert!(matches!(
        error.status(),
        Status::Argument | Status::NotFound
    ));
}

/// A value as `get` returns it; `None` for a string with an invalid escape.
fn text_of(json: &RawValue) -> Option<String> {
    match json.get().starts_with('"') {
        true => serde_json::from_str(json.get()).ok(),
        false => Some(json.get().to_owned()),
    }
}

/// Checks a document after a write: reads the value, and writes the same value again.
fn check_written(
    written: &str,
    before: Option<&str>,
    pointer: &str,
    text: &str,
    write_again: impl Fn(&str) -> Result<String, Error>,
) {
    assert!(is_json(written), "the result must be valid JSON");
    let pointer = pointer_after_write(before, pointer);
    match json::get(written, &pointer) {
        Ok(found) => assert_eq!(found, text, "a written value must be read again"),
        Err(error) => panic!("the written value cannot be read: {error}"),
    }
    match write_again(&pointer) {
        Ok(again) => assert_eq!(
            again, written,
            "writing the same value again must not change the document"
        ),
        Err(error) => panic!("the same value cannot be written again: {error}"),
    }
}

/// The pointer that finds a value after it was written. In an array `-` appends, so it becomes an index.
/// In an object it is an ordinary key.
fn pointer_after_write(before: Option<&str>, pointer: &str) -> String {
    if !pointer.contains("/-") {
        return pointer.to_owned();
    }
    let mut resolved = String::new();
    for token in pointer.split('/').skip(1) {
        let parent = before.and_then(|before| json::get(before, &resolved).ok());
        let items = parent.and_then(|parent| {
            let items: Vec<&RawValue> = serde_json::from_str(&parent).ok()?;
            Some(items.len())
        });
        match (token, items) {
            ("-", Some(length)) => resolved.push_str(&format!("/{length}")),
            _ => resolved.push_str(&format!("/{token}")),
        }
    }
    resolved
}
