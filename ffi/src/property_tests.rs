//! Property tests: the C functions are safe with any input. Each test runs with hundreds of random inputs;
//! `PROPTEST_CASES=100000` runs more.
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
    descope_json_get, descope_json_put, descope_json_set, descope_json_set_n, descope_string_free,
};

/// The configuration of a client whose every request fails: nothing listens on the port.
const UNREACHABLE_CONFIG: &CStr = c"{\"projectId\": \"P1\", \"baseUrl\": \"http://127.0.0.1:1\", \"proxy\": \"none\", \"maxAttempts\": 1}";

fn config_with_cases(default: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES");
    Config {
        cases: cases.map_or(default, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Any text without a NUL.
fn text() -> impl Strategy<Value = CString> {
    any::<String>().prop_map(|text| CString::new(text.replace('\0', "")).unwrap())
}

/// Any bytes without a NUL, usually not UTF-8.
fn bytes() -> impl Strategy<Value = CString> {
    vec(1..=u8::MAX, 0..24).prop_map(|bytes| CString::new(bytes).unwrap())
}

/// A JSON pointer of up to three steps.
fn pointer() -> impl Strategy<Value = CString> {
    vec(text(), 0..4).prop_map(|steps| {
        let step = |step: &CString| {
            let step = step.to_str().unwrap().replace('~', "~0").replace('/', "~1");
            format!("/{step}")
        };
        CString::new(steps.iter().map(step).collect::<String>()).unwrap()
    })
}

/// A JSON document, any text or any bytes.
fn document() -> impl Strategy<Value = CString> {
    let texts = vec(text(), 1..4).prop_map(|texts| {
        let texts: Vec<_> = texts.iter().map(|text| text.to_str().unwrap()).collect();
        let json = serde_json::json!({ "a": texts, "b": { "c": texts[0] }, "n": 7 });
        CString::new(json.to_string()).unwrap()
    });
    prop_oneof![texts, text(), bytes()]
}

/// The argument as C passes it: NULL for `None`.
fn or_null(argument: &Option<CString>) -> *const c_char {
    argument.as_ref().map_or(null(), |text| text.as_ptr())
}

/// Calls `descope_json_get` with a buffer of `cap` bytes. Returns the status, the content of the buffer and
/// the needed size. Fails if anything is written beyond the buffer.
fn json_get(doc: &CStr, pointer: &CStr, cap: usize) -> (i32, Vec<u8>, usize) {
    const GUARD_BYTES: [u8; 8] = [0xAA; 8];
    let mut buffer = vec![b'x'; cap];
    buffer.extend_from_slice(&GUARD_BYTES);
    let mut needed = usize::MAX;
    // SAFETY: two strings, a buffer of more than `cap` bytes, and a variable for the size.
    let status = unsafe {
        let buf = buffer.as_mut_ptr().cast();
        descope_json_get(doc.as_ptr(), pointer.as_ptr(), buf, cap, &mut needed)
    };
    assert!(buffer.ends_with(&GUARD_BYTES), "wrote beyond the buffer");
    let end = buffer[..cap].iter().position(|byte| *byte == 0);
    assert!(
        cap == 0 || end.is_some(),
        "the value does not end with a NUL"
    );
    buffer.truncate(end.unwrap_or(0));
    (status, buffer, needed)
}

/// Copies a string into memory of `malloc`. Miri has no `strdup`.
fn malloc_copy(text: &CStr) -> *mut c_char {
    let bytes = text.to_bytes_with_nul();
    // SAFETY: the memory has the length of the string, and does not overlap with it.
    unsafe {
        let copy = libc::malloc(bytes.len()).cast::<c_char>();
        assert!(!copy.is_null());
        copy.copy_from_nonoverlapping(bytes.as_ptr().cast(), bytes.len());
        copy
    }
}

/// Copies a string that the library returned, and frees it.
fn take_string(out: *mut c_char) -> Option<String> {
    // SAFETY: NULL or a string that the library returned. Nobody uses it afterwards.
    unsafe {
        let text = (!out.is_null()).then(|| CStr::from_ptr(out).to_str().unwrap().to_owned());
        descope_string_free(out);
        text
    }
}

proptest! {
    #![proptest_config(config_with_cases(256))]

    #[test]
    fn a_string_that_was_set_is_read_back(
        pointer in pointer(),
        text in text(),
        less in 1..64usize,
    ) {
        let mut doc = null_mut();
        // SAFETY: a variable that holds NULL, and two strings.
        let status = unsafe { descope_json_set(&mut doc, pointer.as_ptr(), text.as_ptr()) };
        prop_assert_eq!(status, DESCOPE_OK);
        let doc = CString::new(take_string(doc).unwrap()).unwrap();
        let needed = text.as_bytes_with_nul().len();
        prop_assert_eq!(json_get(&doc, &pointer, 0), (DESCOPE_E_BUFFER, Vec::new(), needed));
        let short = needed.saturating_sub(less);
        prop_assert_eq!(json_get(&doc, &pointer, short), (DESCOPE_E_BUFFER, Vec::new(), needed));
        for cap in [needed, needed + less] {
            prop_assert_eq!(json_get(&doc, &pointer, cap), (DESCOPE_OK, text.as_bytes().to_vec(), needed));
        }
    }

    #[test]
    fn a_string_of_a_given_length_is_set_with_its_nuls(text in any::<String>()) {
        let mut doc = null_mut();
        // SAFETY: a variable that holds NULL, a string, and a text of this length.
        let status = unsafe {
            descope_json_set_n(&mut doc, c"/text".as_ptr(), text.as_ptr().cast(), text.len())
        };
        prop_assert_eq!(status, DESCOPE_OK);
        let doc: serde_json::Value = serde_json::from_str(&take_string(doc).unwrap()).unwrap();
        prop_assert_eq!(doc, serde_json::json!({ "text": text }));
    }

    #[test]
    fn an_edit_makes_valid_json_or_fails_and_changes_nothing(
        doc in prop::option::of(document()),
        pointer in prop::option::of(prop_oneof![pointer(), bytes()]),
        value in prop::option::of(prop_oneof![document(), bytes()]),
        is_text in any::<bool>(),
    ) {
        let edit = if is_text { descope_json_set } else { descope_json_put };
        // SAFETY: NULL or strings; the document comes from `malloc`, as required.
        let (status, is_same_string, after) = unsafe {
            let before = doc.as_ref().map_or(null_mut(), |doc| malloc_copy(doc));
            let mut doc = before;
            let status = edit(&mut doc, or_null(&pointer), or_null(&value));
            let is_same_string = doc == before;
            let after = (!doc.is_null()).then(|| CStr::from_ptr(doc).to_owned());
            descope_string_free(doc);
            (status, is_same_string, after)
        };
        if status == DESCOPE_OK {
            let after = after.unwrap();
            let parsed: Result<&RawValue, _> = serde_json::from_slice(after.as_bytes());
            prop_assert!(parsed.is_ok());
        } else {
            prop_assert!([DESCOPE_E_ARGUMENT, DESCOPE_E_NOT_FOUND].contains(&status), "{}", status);
            prop_assert!(is_same_string);
            prop_assert_eq!(after, doc);
        }
    }

    #[test]
    fn nothing_is_written_beyond_the_buffer(
        doc in document(),
        pointer in prop_oneof![pointer(), bytes(), Just(c"/a/0".to_owned()), Just(c"".to_owned())],
        cap in 0..64usize,
    ) {
        let (status, value, needed) = json_get(&doc, &pointer, cap);
        match status {
            DESCOPE_OK => prop_assert_eq!(value.len() + 1, needed),
            DESCOPE_E_BUFFER => prop_assert!(value.is_empty() && needed > cap),
            DESCOPE_E_ARGUMENT | DESCOPE_E_NOT_FOUND => prop_assert!(value.is_empty() && needed == 0),
            other => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn status_and_document_of_a_call_agree(
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
        config in prop::option::of(prop_oneof![4 => Just(UNREACHABLE_CONFIG.to_owned()), 1 => text(), 1 => bytes()]),
    ) {
        let config = config.unwrap_or_else(|| UNREACHABLE_CONFIG.to_owned());
        let mut client = null_mut();
        let mut out = null_mut();
        // SAFETY: a string and two variables.
        let status = unsafe { descope_client_new(config.as_ptr(), &mut client, &mut out) };
        prop_assert_eq!(status == DESCOPE_OK, !client.is_null());
        prop_assert!([DESCOPE_OK, DESCOPE_E_CONFIG, DESCOPE_E_ARGUMENT].contains(&status));
        assert_same_status(status, take_string(out));
        let mut out = null_mut();
        // SAFETY: NULL or a client, NULL or strings, and a variable; the client is freed once.
        let status = unsafe {
            let status = descope_client_call(client, or_null(&operation), or_null(&request), &mut out);
            descope_client_free(client);
            status
        };
        prop_assert!([DESCOPE_OK, DESCOPE_E_ARGUMENT, DESCOPE_E_NETWORK].contains(&status));
        assert_same_status(status, take_string(out));
    }
}

/// Fails unless the document belongs to the status.
fn assert_same_status(status: i32, document: Option<String>) {
    let document: serde_json::Value = serde_json::from_str(&document.unwrap()).unwrap();
    assert_ne!(status, DESCOPE_E_INTERNAL);
    match status {
        DESCOPE_OK => assert!(document.is_object() && document.get("error").is_none()),
        _ => assert_eq!(document["error"]["status"], status),
    }
}
