//! JSON: made up as text, and read so that numbers count by their very digits.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::value::RawValue;

/// A JSON value as another reader sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Object(BTreeMap<String, Json>),
    Array(Vec<Json>),
    Text(String),
    /// A number, `true`, `false` or `null`, as it is written.
    Other(String),
}

impl Json {
    pub(crate) fn read(json: &str) -> Json {
        let json = serde_json::from_str::<&RawValue>(json).unwrap().get();
        match json.as_bytes()[0] {
            b'{' => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).unwrap();
                let members = members.into_iter();
                Json::Object(members.map(|(k, v)| (k, Json::read(v.get()))).collect())
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(json).unwrap();
                Json::Array(items.iter().map(|item| Json::read(item.get())).collect())
            }
            b'"' => Json::Text(serde_json::from_str(json).unwrap()),
            _ => Json::Other(json.to_owned()),
        }
    }

    pub(crate) fn members(self) -> BTreeMap<String, Json> {
        match self {
            Json::Object(members) => members,
            other => panic!("not an object: {other:?}"),
        }
    }
}

/// A text as JSON has it.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// An object of these members, values as JSON.
pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let members = members.into_iter();
    let members: Vec<_> = members
        .map(|(k, v)| format!("{}: {v}", quoted(k)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// Numbers beyond what any machine can hold among them.
pub(crate) fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?"
}

/// Any value, not too deep.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        number(),
        any::<String>().prop_map(|text| quoted(&text)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
            btree_map(any::<String>(), inner, 0..4).prop_map(|members| {
                object(members.iter().map(|(k, v)| (k.as_str(), v.as_str())))
            }),
        ]
    })
}

/// Any object.
pub(crate) fn any_object() -> impl Strategy<Value = String> {
    btree_map(any::<String>(), value(), 0..4)
        .prop_map(|members| object(members.iter().map(|(k, v)| (k.as_str(), v.as_str()))))
}
