//! Parses and writes JSON without the JSON code of core, so that the tests can compare the results.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A JSON value. Numbers are compared digit by digit: `1.0` is not `1`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Object(BTreeMap<String, Json>),
    Array(Vec<Json>),
    String(String),
    /// A number, `true`, `false` or `null`, as it is written.
    Literal(String),
}

impl Json {
    pub(crate) fn parse(json: &str) -> Json {
        let json = serde_json::from_str::<&RawValue>(json).unwrap().get();
        match json.as_bytes()[0] {
            b'{' => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).unwrap();
                let members = members.into_iter();
                Json::Object(members.map(|(k, v)| (k, Json::parse(v.get()))).collect())
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(json).unwrap();
                Json::Array(items.iter().map(|item| Json::parse(item.get())).collect())
            }
            b'"' => Json::String(serde_json::from_str(json).unwrap()),
            _ => Json::Literal(json.to_owned()),
        }
    }

    /// Parses an object and returns its members.
    pub(crate) fn parse_object(json: &str) -> BTreeMap<String, Json> {
        Json::parse(json).into_members()
    }

    /// The members of an object. Panics if this is not one.
    pub(crate) fn into_members(self) -> BTreeMap<String, Json> {
        match self {
            Json::Object(members) => members,
            other => panic!("not an object: {other:?}"),
        }
    }
}

/// Writes text as a JSON string, with quotes and escapes.
pub(crate) fn json_string(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Writes a JSON object. The keys are text, the values are JSON.
pub(crate) fn json_object<K: AsRef<str>, V: AsRef<str>>(
    members: impl IntoIterator<Item = (K, V)>,
) -> String {
    let members: Vec<_> = members
        .into_iter()
        .map(|(key, value)| format!("{}: {}", json_string(key.as_ref()), value.as_ref()))
        .collect();
    format!("{{{}}}", members.join(", "))
}
