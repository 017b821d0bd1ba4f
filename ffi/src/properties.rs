//! What holds of the C entry points whatever a caller passes, with hundreds of made-up inputs each.
//! `PROPTEST_CASES=100000` makes more.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::value::RawValue;

use crate::{
    DESCOPE_E_ARGUMENT, DESCOPE_E_BUFFER, DESCOPE_E_CONFIG, DESCOPE_E_INTERNAL, DESCOPE_E_NETWORK,
    DESCOPE_E_NOT_FOUND, DESCOPE_OK, descope_client_call, descope_client_free, descope_client_new,
    descope_json_get, descope_json_put, descope_json_set, descope_string_free,
};

/// A client that reaches nobody.
const NOWHERE: &CStr = c"{\"projectId\": \"P1\", \"baseUrl\": \"http://127.0.0.1:1\", \"proxy\": \"none\", \"maxAttempts\": 1}";

fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES");
    Config {
        cases: asked.map_or(usual, |asked| asked.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Any text that C can hold.
fn text() -> impl Strategy<Value = CString> {
    any::<String>().prop_map(|text| CString::new(text.replace('\0', "")).unwrap())
}

/// Any bytes that C can hold, most often not UTF-8.
fn bytes() -> impl Strategy<Value = CString> {
    vec(1..=u8::MAX, 0..24).prop_map(|bytes| CString::new(bytes).unwrap())
}

/// A pointer to a member of an object, of several steps.
fn pointer() -> impl Strategy<Value = CString> {
    vec(text(), 0..4).prop_map(|steps| {
        let step = |step: &CString| {
            let step = step.to_str().unwrap().replace('~', "~0").replace('/', "~1");
            format!("/{step}")
        };
        CString::new(steps.iter().map(step).collect::<String>()).unwrap()
    })
}

/// What looks like a document.
fn document() -> impl Strategy<Value = CString> {
    let texts = vec(text(), 1..4).prop_map(|texts| {
        let texts: Vec<_> = texts.iter().map(|text| text.to_str().unwrap()).collect();
        let json = serde_json::json!({ "a": texts, "b": { "c": texts[0] }, "n": 7 });
        CString::new(json.to_string()).unwrap()
    });
    prop_oneof![texts, text(), bytes()]
}

/// An optional argument: NULL for nothing.
fn or_null(argument: &Option<CString>) -> *const c_char {
    argument.as_ref().map_or(null(), |text| text.as_ptr())
}

/// Reads into a buffer of `cap` bytes, beyond which nothing may be written; its status, what it then
/// holds and what was said to be needed.
fn get(doc: &CStr, pointer: &CStr, cap: usize) -> (i32, Vec<u8>, usize) {
    const MARK: [u8; 8] = *b"untouchd";
    let mut buffer = vec![b'x'; cap];
    buffer.extend_from_slice(&MARK);
    let mut needed = usize::MAX;
    // SAFETY: two strings, a buffer with room for more than `cap` bytes, and a place for the size.
    let status = unsafe {
        let buf = buffer.as_mut_ptr().cast();
        descope_json_get(doc.as_ptr(), pointer.as_ptr(), buf, cap, &mut needed)
    };
    assert!(buffer.ends_with(&MARK), "written beyond the buffer");
    let end = buffer[..cap].iter().position(|byte| *byte == 0);
    assert!(cap == 0 || end.is_some(), "a buffer ends with a NUL");
    buffer.truncate(end.unwrap_or(0));
    (status, buffer, needed)
}

/// A document of the library's, freed.
fn take(out: *mut c_char) -> Option<String> {
    // SAFETY: NULL or a string of the library's, which nobody uses after this.
    unsafe {
        let text = (!out.is_null()).then(|| CStr::from_ptr(out).to_str().unwrap().to_owned());
        descope_string_free(out);
        text
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_text_that_is_set_is_read_back_into_a_buffer_of_the_size_that_it_needs(
        pointer in pointer(),
        text in text(),
        less in 1..64usize,
    ) {
        let mut doc = null_mut();
        // SAFETY: a place that holds NULL, and two strings.
        let status = unsafe { descope_json_set(&mut doc, pointer.as_ptr(), text.as_ptr()) };
        prop_assert_eq!(status, DESCOPE_OK);
        let doc = CString::new(take(doc).unwrap()).unwrap();
        let needed = text.as_bytes_with_nul().len();
        prop_assert_eq!(get(&doc, &pointer, 0), (DESCOPE_E_BUFFER, Vec::new(), needed));
        let short = needed.saturating_sub(less);
        prop_assert_eq!(get(&doc, &pointer, short), (DESCOPE_E_BUFFER, Vec::new(), needed));
        for cap in [needed, needed + less] {
            prop_assert_eq!(get(&doc, &pointer, cap), (DESCOPE_OK, text.as_bytes().to_vec(), needed));
        }
    }

    #[test]
    fn a_failed_write_leaves_the_document_and_any_other_makes_json(
        doc in prop::option::of(document()),
        pointer in prop::option::of(prop_oneof![pointer(), bytes()]),
        value in prop::option::of(prop_oneof![document(), bytes()]),
        is_text in any::<bool>(),
    ) {
        let write = if is_text { descope_json_set } else { descope_json_put };
        // SAFETY: NULL or strings; the document is in memory from `malloc`, as it must be.
        let (status, is_the_same, after) = unsafe {
            let before = doc.as_ref().map_or(null_mut(), |doc| libc::strdup(doc.as_ptr()));
            let mut place = before;
            let status = write(&mut place, or_null(&pointer), or_null(&value));
            let is_the_same = place == before;
            let after = (!place.is_null()).then(|| CStr::from_ptr(place).to_owned());
            descope_string_free(place);
            (status, is_the_same, after)
        };
        if status == DESCOPE_OK {
            let written = after.unwrap();
            let written: Result<&RawValue, _> = serde_json::from_slice(written.as_bytes());
            prop_assert!(written.is_ok());
        } else {
            prop_assert!([DESCOPE_E_ARGUMENT, DESCOPE_E_NOT_FOUND].contains(&status), "{}", status);
            prop_assert!(is_the_same);
            prop_assert_eq!(after, doc);
        }
    }

    #[test]
    fn nothing_is_written_beyond_a_buffer_of_any_size(
        doc in document(),
        pointer in prop_oneof![pointer(), bytes(), Just(c"/a/0".to_owned()), Just(c"".to_owned())],
        cap in 0..64usize,
    ) {
        let (status, held, needed) = get(&doc, &pointer, cap);
        match status {
            DESCOPE_OK => prop_assert_eq!(held.len() + 1, needed),
            DESCOPE_E_BUFFER => prop_assert!(held.is_empty() && needed > cap),
            DESCOPE_E_ARGUMENT | DESCOPE_E_NOT_FOUND => prop_assert!(held.is_empty() && needed == 0),
            other => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn every_call_ends_with_a_status_and_a_document_of_the_same_status(
        operation in prop::option::of(prop_oneof![
            Just(c"magiclink/signin/sms".to_owned()),
            Just(c"session/match_roles".to_owned()),
            text(),
            bytes(),
        ]),
        request in prop::option::of(prop_oneof![
            Just(c"{\"loginId\": \"u\"}".to_owned()),
            Just(c"{\"claims\": {}, \"roles\": []}".to_owned()),
            document(),
        ]),
        config in prop::option::of(prop_oneof![4 => Just(NOWHERE.to_owned()), 1 => text(), 1 => bytes()]),
    ) {
        let config = config.unwrap_or_else(|| NOWHERE.to_owned());
        let mut client = null_mut();
        let mut out = null_mut();
        // SAFETY: a string and two places.
        let status = unsafe { descope_client_new(config.as_ptr(), &mut client, &mut out) };
        prop_assert_eq!(status == DESCOPE_OK, !client.is_null());
        prop_assert!([DESCOPE_OK, DESCOPE_E_CONFIG, DESCOPE_E_ARGUMENT].contains(&status));
        is_told(status, take(out));
        let mut out = null_mut();
        // SAFETY: NULL or a client, NULL or strings, and a place; the client is freed once.
        let status = unsafe {
            let status = descope_client_call(client, or_null(&operation), or_null(&request), &mut out);
            descope_client_free(client);
            status
        };
        prop_assert!([DESCOPE_OK, DESCOPE_E_ARGUMENT, DESCOPE_E_NETWORK].contains(&status));
        is_told(status, take(out));
    }
}

/// Checks that a document tells of the status that came with it.
fn is_told(status: i32, document: Option<String>) {
    let document: serde_json::Value = serde_json::from_str(&document.unwrap()).unwrap();
    assert_ne!(status, DESCOPE_E_INTERNAL);
    match status {
        DESCOPE_OK => assert!(document.is_object() && document.get("error").is_none()),
        _ => assert_eq!(document["error"]["status"], status),
    }
}
