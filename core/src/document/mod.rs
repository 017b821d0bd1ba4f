//! JSON documents that a caller hands in: read into types, every refusal named by its field.
//!
//! Reading goes straight into the typed value. Only when that fails is the document walked a second
//! time, by [`diagnose`], to say which field was wrong and what to do, without quoting its value.

mod diagnose;
mod flaws;
mod members;
mod merge;
mod pointer;
mod value;

use serde::Deserialize;
use serde_json::value::RawValue;

use flaws::depth;
use members::Members;

pub(crate) use merge::merge;
pub use pointer::{get, put, set};
pub(crate) use value::{Object, Text, TextList, TextMap, WholeNumber, structure};

/// The largest document that is accepted, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// How deep a document's arrays and objects may be nested.
const MAX_DEPTH: usize = 128;

/// The longest piece of a caller's key that a message repeats, in characters.
const MAX_SHOWN: usize = 64;

/// Reads a document into its type; `what` is what messages call it, such as "the request".
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a str, what: &str) -> Result<T, String> {
    if json.len() > MAX_BYTES {
        return Err(format!(
            "{what} is larger than {MAX_BYTES} bytes: send less"
        ));
    }
    // What serde derives would take an array as well.
    if !json.trim_ascii_start().starts_with('{') {
        return Err(diagnose::explain::<T>(json, what));
    }
    serde_json::from_str(json).map_err(|_| diagnose::explain::<T>(json, what))
}

/// Whether a JSON object has a string under this key; `None` when the text is not a JSON object, or
/// nested so deep that a caller's own JSON reader might not take it.
pub(crate) fn has_text(json: &str, key: &str) -> Option<bool> {
    if depth(json) > MAX_DEPTH {
        return None;
    }
    let members: Members<'_> = serde_json::from_str(json).ok()?;
    Some(members.get(key).and_then(text).is_some())
}

/// The strings under these keys of a JSON object, whatever the rest of it is like.
pub(crate) fn texts<const N: usize>(json: &str, keys: [&str; N]) -> [Option<String>; N] {
    let members: Members<'_> = serde_json::from_str(json).unwrap_or_default();
    keys.map(|key| members.get(key).and_then(text))
}

/// The text of a JSON string.
fn text(value: &RawValue) -> Option<String> {
    let text: Text<'_> = serde_json::from_str(value.get()).ok()?;
    Some(text.0.into_owned())
}

/// A caller's key as a message repeats it: short and on one line.
fn shown(key: &str) -> String {
    key.chars()
        .take(MAX_SHOWN)
        .flat_map(char::escape_debug)
        .collect()
}
