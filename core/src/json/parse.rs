//! Parses documents.
//!
//! A document is parsed straight into typed values. Only if that fails it is parsed a second time, by
//! [`field_error`], to name the field that is wrong and what to do, without quoting its value.

use std::borrow::Cow;

use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use super::field_error;
use super::limits::{check_size, is_too_deep};
use super::object::Object;
use super::raw_object::{RawObject, find};
use super::schema::Schema;
use super::value::StringOrArray;

/// A text without the byte order mark that some programs put in front of it (RFC 8259, 8.1).
pub(crate) fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Parses a document by its schema. `what` is its name in messages, such as "the request".
///
/// # Errors
///
/// A sentence that names the field and says what to do.
pub(crate) fn parse_object<'a>(
    schema: &'static Schema,
    json: &'a str,
    what: &str,
) -> Result<Object<'a>, String> {
    check_size(json, what)?;
    let json = without_byte_order_mark(json);
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = schema.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|_| field_error::explain(schema, json, what))
}

/// Puts a JSON array under a key of a new object. Returns any other text unchanged.
pub(crate) fn wrap_array(key: &str, json: String) -> String {
    if json.trim_ascii_start().starts_with('[') {
        format!("{{\"{key}\":{}}}", json.trim_ascii())
    } else {
        json
    }
}

/// Parses a JSON object of a peer. `None` for any other text, and for one with so many nesting levels
/// that the JSON parser of a caller might reject it.
pub(crate) fn parse_raw(json: &str) -> Option<RawObject<'_>> {
    if is_too_deep(json) {
        return None;
    }
    RawObject::parse(json)
}

/// Finds one value as [`RawObject::get`] does in what [`parse_raw`] returns, without a list of the other
/// members. `Some(None)` for an object without this key.
pub(crate) fn find_raw<'a>(json: &'a str, key: &str) -> Option<Option<&'a RawValue>> {
    if is_too_deep(json) {
        return None;
    }
    find(json, key)
}

/// Parses a JSON string or an array of strings.
pub(crate) fn string_or_array(json: &str) -> Option<Vec<String>> {
    let list: StringOrArray<'_> = serde_json::from_str(json).ok()?;
    let strings = list.0.0.into_iter();
    Some(strings.map(|string| string.0.into_owned()).collect())
}

/// The strings under these keys of a JSON object. Other members do not matter.
pub(crate) fn string_members<const N: usize>(json: &str, keys: [&str; N]) -> [Option<String>; N] {
    let object: RawObject<'_> = serde_json::from_str(json).unwrap_or_default();
    keys.map(|key| object.string(key).map(Cow::into_owned))
}
