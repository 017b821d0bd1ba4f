//! JSON documents that a caller hands in: read into types, every refusal named by its field.
//!
//! Reading goes straight into the typed value. Only when that fails is the document walked a second
//! time, by [`diagnose`], to say which field was wrong and what to do, without quoting its value.

mod diagnose;
mod members;
mod pointer;
mod value;

use serde::Deserialize;

use members::Members;
pub(crate) use members::merge;
pub use pointer::{get, put, set};
pub(crate) use value::{Object, Text, TextList, TextMap, WholeNumber};

/// The largest document that is accepted, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// How deep a document's arrays and objects may be nested.
const MAX_DEPTH: usize = 128;

/// Reads a document into its type; `what` is what messages call it, such as "the request".
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a str, what: &str) -> Result<T, String> {
    if json.len() > MAX_BYTES {
        return Err(format!(
            "{what} is larger than {MAX_BYTES} bytes: send less"
        ));
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
    let value = members.get(key);
    Some(value.is_some_and(|value| value.get().starts_with('"')))
}

/// How deep the arrays and objects of this valid JSON text are nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings_only() {
        assert_eq!(depth(r#"{"a": "[[[{\"[", "b": [{}]}"#), 3);
        assert_eq!(depth("1"), 0);
    }
}
