//! JSON documents that a caller hands in: read into types, every refusal named by its field.
//!
//! Reading goes straight into the typed value. Only when that fails is the document walked a second
//! time, by [`diagnose`], to say which field was wrong and what to do, without quoting its value.

mod diagnose;
mod flaws;
mod members;
mod merge;
mod pointer;
mod record;
mod value;

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use flaws::is_too_deep;

pub(crate) use members::Members;
pub(crate) use merge::merge;
pub use pointer::{get, put, set};
pub(crate) use record::{Fields, Kind, Record, Value, records};
pub(crate) use value::{Object, OneOrMany, Text, TextList, TextMap, WholeNumber};

/// The largest document that is accepted, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// How deep a document's arrays and objects may be nested.
const MAX_DEPTH: usize = 128;

/// The longest piece of a caller's key that a message repeats, in characters.
const MAX_SHOWN: usize = 64;

/// Reads a document into its type; `what` is what messages call it, such as "the request".
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a str, what: &str) -> Result<T, String> {
    read_by(PhantomData, json, what)
}

/// Reads a document by its record.
pub(crate) fn read_record<'a>(
    record: &'static Record,
    json: &'a str,
    what: &str,
) -> Result<Fields<'a>, String> {
    read_by(record, json, what)
}

fn read_by<'a, S: DeserializeSeed<'a> + Copy>(
    seed: S,
    json: &'a str,
    what: &str,
) -> Result<S::Value, String> {
    if json.len() > MAX_BYTES {
        return Err(format!(
            "{what} is larger than {MAX_BYTES} bytes: send less"
        ));
    }
    // What serde derives would take an array as well.
    if !json.trim_ascii_start().starts_with('{') {
        return Err(diagnose::explain(seed, json, what));
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = seed.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|_| diagnose::explain(seed, json, what))
}

/// A JSON array as the only member of an object; any other text as it is.
pub(crate) fn under(key: &str, json: String) -> String {
    match json.trim_ascii_start().starts_with('[') {
        true => format!("{{\"{key}\":{}}}", json.trim_ascii()),
        false => json,
    }
}

/// The members of a JSON object; `None` for any other text, and for what is nested so deep that a
/// caller's own JSON reader might not take it.
pub(crate) fn object(json: &str) -> Option<Members<'_>> {
    (!is_too_deep(json)).then(|| Members::parse(json))?
}

/// The text that a value is, if it is one.
fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = value.get();
    // What has no escape is the text as it stands.
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        false => Some(Cow::Borrowed(inner)),
        true => serde_json::from_str::<Text<'_>>(quoted)
            .ok()
            .map(|text| text.0),
    }
}

/// A JSON string, or an array of them.
pub(crate) fn one_or_many(json: &str) -> Option<Vec<String>> {
    let list: OneOrMany<'_> = serde_json::from_str(json).ok()?;
    Some(
        list.0
            .0
            .into_iter()
            .map(|text| text.0.into_owned())
            .collect(),
    )
}

/// The strings under these keys of a JSON object, whatever the rest of it is like.
pub(crate) fn texts<const N: usize>(json: &str, keys: [&str; N]) -> [Option<String>; N] {
    let members: Members<'_> = serde_json::from_str(json).unwrap_or_default();
    keys.map(|key| members.text(key).map(Cow::into_owned))
}

/// A caller's key as a message repeats it: short and on one line.
fn shown(key: &str) -> String {
    key.chars()
        .take(MAX_SHOWN)
        .flat_map(char::escape_debug)
        .collect()
}
