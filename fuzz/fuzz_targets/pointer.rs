//! JSON pointers: what is written can be read again, the rest stays, and no invalid JSON comes out.
//! Three lines: the document (empty: none), the pointer, and the value or text, which may have more.
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
            Ok(_) => assert!(is_json(doc), "a value was found in what is no JSON"),
            Err(error) => is_refusal(&error),
        }
    }
    match json::set(doc, pointer, value) {
        Ok(written) => is_written(&written, doc, pointer, value, |place| {
            json::set(Some(&written), place, value)
        }),
        Err(error) => is_refusal(&error),
    }
    match json::put(doc, pointer, value) {
        Ok(written) => {
            let json: &RawValue = serde_json::from_str(value).expect("the value was JSON");
            if let Some(shown) = shown(json) {
                is_written(&written, doc, pointer, &shown, |place| {
                    json::put(Some(&written), place, value)
                });
            }
        }
        Err(error) => is_refusal(&error),
    }
    Corpus::Keep
});

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn is_refusal(error: &Error) {
    error::check(error);
    assert!(matches!(
        error.status(),
        Status::Argument | Status::NotFound
    ));
}

/// A value as `get` shows it; `None` for a string that means nothing.
fn shown(json: &RawValue) -> Option<String> {
    match json.get().starts_with('"') {
        true => serde_json::from_str(json.get()).ok(),
        false => Some(json.get().to_owned()),
    }
}

/// Checks a document in which something has been written, by reading it where it was put, and by
/// writing the same again.
fn is_written(
    written: &str,
    before: Option<&str>,
    pointer: &str,
    shown: &str,
    again: impl Fn(&str) -> Result<String, Error>,
) {
    assert!(is_json(written), "no invalid JSON comes out");
    let place = place(before, pointer);
    match json::get(written, &place) {
        Ok(found) => assert_eq!(found, shown, "what was written is found again"),
        Err(error) => panic!("what was written is not found: {error}"),
    }
    match again(&place) {
        Ok(again) => assert_eq!(again, written, "the same again changes nothing"),
        Err(error) => panic!("the same cannot be written again: {error}"),
    }
}

/// The pointer under which a value is found once it has been written: `-` is the end of an array, but
/// an object's key.
fn place(before: Option<&str>, pointer: &str) -> String {
    if !pointer.contains("/-") {
        return pointer.to_owned();
    }
    let mut place = String::new();
    for token in pointer.split('/').skip(1) {
        let parent = before.and_then(|before| json::get(before, &place).ok());
        let items = parent.and_then(|parent| {
            let items: Vec<&RawValue> = serde_json::from_str(&parent).ok()?;
            Some(items.len())
        });
        match (token, items) {
            ("-", Some(length)) => place.push_str(&format!("/{length}")),
            _ => place.push_str(&format!("/{token}")),
        }
    }
    place
}
