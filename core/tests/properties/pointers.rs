//! JSON pointers: what is written is found again, and the rest stays as it was.

use descope_ml_core::{Status, json};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary_json::{self as arbitrary, Json};

fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn pointer(tokens: &[String]) -> String {
    tokens
        .iter()
        .map(|token| format!("/{}", escaped(token)))
        .collect()
}

/// A value as `get` shows it.
fn shown(value: &str) -> String {
    match Json::read(value) {
        Json::Text(text) => text,
        _ => value.to_owned(),
    }
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn a_text_set_anywhere_in_a_new_document_is_read_back(
        tokens in vec(any::<String>(), 0..6),
        text in any::<String>(),
    ) {
        let doc = json::set(None, &pointer(&tokens), &text).unwrap();
        prop_assert_eq!(json::get(&doc, &pointer(&tokens)).unwrap(), text);
    }

    #[test]
    fn what_is_put_under_a_key_is_read_back_and_the_other_members_stay(
        doc in arbitrary::any_object(),
        key in any::<String>(),
        value in arbitrary::value(),
    ) {
        let pointer = pointer(std::slice::from_ref(&key));
        let written = json::put(Some(&doc), &pointer, &value).unwrap();
        prop_assert_eq!(json::get(&written, &pointer).unwrap(), shown(&value));
        let mut expected = Json::read(&doc).members();
        expected.insert(key, Json::read(&value));
        prop_assert_eq!(Json::read(&written).members(), expected);
    }

    #[test]
    fn items_are_appended_and_replaced_in_their_place(
        items in vec(arbitrary::value(), 1..5),
        value in arbitrary::value(),
        place in any::<prop::sample::Index>(),
    ) {
        let place = place.index(items.len());
        let mut doc = json::put(None, "/list", "[]").unwrap();
        for item in &items {
            doc = json::put(Some(&doc), "/list/-", item).unwrap();
        }
        doc = json::put(Some(&doc), &format!("/list/{place}"), &value).unwrap();
        for (index, item) in items.iter().enumerate() {
            let expected = if index == place { &value } else { item };
            let found = json::get(&doc, &format!("/list/{index}")).unwrap();
            prop_assert_eq!(found, shown(expected));
        }
        let beyond = json::get(&doc, &format!("/list/{}", items.len()));
        prop_assert_eq!(beyond.unwrap_err().status(), Status::NotFound);
    }

    #[test]
    fn no_text_at_all_makes_invalid_json_come_out(
        doc in prop_oneof![any::<String>(), arbitrary::value()],
        pointer in prop_oneof![any::<String>(), "(/[a~01-]{0,3}){0,4}"],
        value in prop_oneof![any::<String>(), arbitrary::value()],
    ) {
        let results = [
            json::set(Some(&doc), &pointer, &value),
            json::put(Some(&doc), &pointer, &value),
        ];
        for result in results {
            match result {
                Ok(written) => { Json::read(&written); }
                Err(error) => {
                    prop_assert!([Status::Argument, Status::NotFound].contains(&error.status()));
                    Json::read(&error.to_json());
                }
            }
        }
    }
}
