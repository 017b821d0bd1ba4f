//! JSON values for comparison: numbers are compared as text, strings after decoding.
#![allow(dead_code, reason = "each target uses a part of it")]

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A JSON value.
#[derive(Debug, PartialEq)]
pub enum Json {
    Object(BTreeMap<String, Json>),
    Array(Vec<Json>),
    Text(String),
    /// A number, `true`, `false` or `null`; or a string with an invalid escape.
    Other(String),
}

/// Whether a text is a JSON object by the grammar of RFC 8259.
pub fn is_object(json: &str) -> bool {
    serde_json::from_str::<&RawValue>(json).is_ok_and(|raw| raw.get().starts_with('{'))
}

impl Json {
    /// Parses a text; `None` if it is not JSON or is nested too deeply.
    pub fn parse(json: &str) -> Option<Json> {
        let json = serde_json::from_str::<&RawValue>(json).ok()?.get();
        Some(match json.as_bytes().first()? {
            b'{' => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
                let members = members.into_iter();
                let members = members.map(|(key, value)| Some((key, Json::parse(value.get())?)));
                Json::Object(members.collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
                let items = items.into_iter().map(|item| Json::parse(item.get()));
                Json::Array(items.collect::<Option<_>>()?)
            }
            b'"' => match serde_json::from_str(json) {
                Ok(text) => Json::Text(text),
                Err(_) => Json::Other(json.to_owned()),
            },
            _ => Json::Other(json.to_owned()),
        })
    }

    pub fn object(&self) -> Option<&BTreeMap<String, Json>> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Json::Other(text) if text == "null")
    }
}
