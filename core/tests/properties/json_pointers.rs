//! JSON pointers: a written value can be read back, and the rest of the document does not change.

use descope_ml_core::{Status, json};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary_json;
use crate::test_json::Json;

/// Escapes a reference token (RFC 6901, 3).
fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// The pointer of these reference tokens, which are not escaped yet.
fn pointer(tokens: &[String]) -> String {
    tokens
        .iter()
        .map(|token| format!("/{}", escape(token)))
        .collect()
}

/// The text that `get` returns for a value: the content of a string, or the JSON of any other value.
fn text_from_get(value: &str) -> String {
    match Json::parse(value) {
        Json::String(text) => text,
        _ => value.to_owned(),
    }
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn a_string_that_is_set_in_a_new_document_can_be_read_back(
        tokens in vec(any::<String>(), 0..6),
        text in any::<String>(),
    ) {
        let doc = json::set(None, &pointer(&tokens), &text).unwrap();
        prop_assert_eq!(json::get(&doc, &pointer(&tokens)).unwrap(), text);
    }

    #[test]
    fn a_value_that_is_put_at_a_key_can_be_read_back_and_other_members_stay(
        doc in arbitrary_json::object(),
        key in any::<String>(),
        value in arbitrary_json::value(),
    ) {
        let pointer = pointer(std::slice::from_ref(&key));
        let written = json::put(Some(&doc), &pointer, &value).unwrap();
        prop_assert_eq!(json::get(&written, &pointer).unwrap(), text_from_get(&value));
        let mut expected = Json::parse_object(&doc);
        expected.insert(key, Json::parse(&value));
        prop_assert_eq!(Json::parse_object(&written), expected);
    }

    #[test]
    fn array_items_are_appended_and_replaced_at_their_index(
        items in vec(arbitrary_json::value(), 1..5),
        value in arbitrary_json::value(),
        position in any::<prop::sample::Index>(),
    ) {
        let position = position.index(items.len());
        let mut doc = json::put(None, "/list", "[]").unwrap();
        for item in &items {
            doc = json::put(Some(&doc), "/list/-", item).unwrap();
        }
        doc = json::put(Some(&doc), &format!("/list/{position}"), &value).unwrap();
        for (index, item) in items.iter().enumerate() {
            let expected = if index == position { &value } else { item };
            let found = json::get(&doc, &format!("/list/{index}")).unwrap();
            prop_assert_eq!(found, text_from_get(expected));
        }
        let beyond = json::get(&doc, &format!("/list/{}", items.len()));
        prop_assert_eq!(beyond.unwrap_err().status(), Status::NotFound);
    }

    #[test]
    fn arbitrary_arguments_never_produce_invalid_json(
        doc in prop_oneof![any::<String>(), arbitrary_json::value()],
        pointer in prop_oneof![any::<String>(), "(/[a~01-]{0,3}){0,4}"],
        value in prop_oneof![any::<String>(), arbitrary_json::value()],
    ) {
        let results = [
            json::set(Some(&doc), &pointer, &value),
            json::put(Some(&doc), &pointer, &value),
        ];
        for result in results {
            match result {
                Ok(written) => { Json::parse(&written); }
                Err(error) => {
                    prop_assert!([Status::Argument, Status::NotFound].contains(&error.status()));
                    Json::parse(&error.to_json());
                }
            }
        }
    }
}
