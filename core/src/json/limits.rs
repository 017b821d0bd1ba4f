//! Limits on texts: their size. On JSON that is passed on unparsed: nesting depth, duplicate keys, invalid
//! escapes.

use serde_json::value::RawValue;

use super::list::RawArray;
use super::raw_object::RawObject;

/// The largest text that a caller may pass, in bytes: a document, a value, a JSON pointer, a name.
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// What is wrong with a larger text, as the predicate of a sentence.
const TOO_LARGE: &str = "is larger than the limit of 1048576 bytes (1 MiB)";

/// Checks the size of a text before anything is done with it. `what` is its name in messages.
///
/// # Errors
///
/// A sentence that names the limit.
pub(crate) fn check_size(text: &str, what: &str) -> Result<(), String> {
    match text.len() {
        0..=MAX_TEXT_BYTES => Ok(()),
        _ => Err(format!("{what} {TOO_LARGE}")),
    }
}

/// The largest number of nesting levels.
pub(super) const MAX_DEPTH: usize = 128;

/// The text does not matter: the error of the call says that memory has run out.
const OUT_OF_MEMORY: &str = "needs more memory than there is";

/// Checks a value.
///
/// # Errors
///
/// What is wrong with the value, as the predicate of a sentence.
pub(super) fn check_raw(value: &RawValue) -> Result<(), String> {
    if is_too_deep(value.get()) {
        return Err(format!("has more than {MAX_DEPTH} nesting levels"));
    }
    check_keys(value).map_err(str::to_owned)
}

/// Whether a valid JSON text has more than [`MAX_DEPTH`] nesting levels.
#[inline(never)]
pub(super) fn is_too_deep(json: &str) -> bool {
    // Many texts are too short for that, and nearly all have too few brackets. Counting them is fast.
    json.len() > MAX_DEPTH && count_brackets(json) > MAX_DEPTH && depth(json) > MAX_DEPTH
}

/// The number of opening brackets, including those in strings.
fn count_brackets(json: &str) -> usize {
    // In pieces whose count fits in a byte, so that the compiler can use vector instructions.
    let pieces = json.as_bytes().chunks(usize::from(u8::MAX));
    let count = |piece: &[u8]| {
        piece
            .iter()
            .map(|byte| u8::from(matches!(byte, b'{' | b'[')))
            .sum::<u8>()
    };
    pieces.map(|piece| usize::from(count(piece))).sum()
}

/// The number of nesting levels of a valid JSON text.
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

/// Rejects duplicate keys and keys with an invalid escape, at every level.
fn check_keys(value: &RawValue) -> Result<(), &'static str> {
    if value.get().starts_with('{') {
        let Some(members) = RawObject::from_raw(value) else {
            return Err("has a key with an invalid \\u escape");
        };
        let mut keys: Vec<&str> = Vec::new();
        keys.try_reserve_exact(members.0.len())
            .map_err(|_| OUT_OF_MEMORY)?;
        keys.extend(members.0.iter().map(|(key, _)| key.as_ref()));
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err("has a duplicate key: remove one");
        }
        return members
            .0
            .iter()
            .try_for_each(|(_, value)| check_keys(value));
    }
    if !value.get().starts_with('[') {
        return Ok(());
    }
    let items: RawArray<'_> = serde_json::from_str(value.get()).map_err(|_| OUT_OF_MEMORY)?;
    items.0.into_iter().try_for_each(check_keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(json: &str) -> String {
        let checked = check_raw(serde_json::from_str(json).unwrap());
        checked.err().unwrap_or_default()
    }

    #[test]
    fn error_for_a_large_text_names_the_limit() {
        let largest = "x".repeat(MAX_TEXT_BYTES);
        assert_eq!(check_size(&largest, "the text"), Ok(()));
        let error = check_size(&(largest + "x"), "the text").unwrap_err();
        assert!(error.starts_with("the text is larger than"));
        assert!(error.contains(&format!("{MAX_TEXT_BYTES} bytes")));
    }

    #[test]
    fn depth_ignores_brackets_in_strings() {
        assert_eq!(depth(r#"{"a": "[[[{\"[", "b": [{}]}"#), 3);
        assert_eq!(depth("1"), 0);
    }

    #[test]
    fn depth_limit_counts_nesting_only() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(!is_too_deep(&nested(MAX_DEPTH)));
        assert!(is_too_deep(&nested(MAX_DEPTH + 1)));
        assert!(!is_too_deep(&format!("[{}1]", "[],".repeat(MAX_DEPTH))));
        assert!(!is_too_deep(&format!("\"{}\"", "[".repeat(1000))));
    }

    #[test]
    fn invalid_keys_are_found_at_every_level() {
        assert_eq!(
            error_of(r#"{"a": [{"b": 1, "c": "\ud800"}], "d": 1e999}"#),
            ""
        );
        assert!(error_of(r#"{"a": [{"b": 1, "\u0062": 2}]}"#).contains("duplicate"));
        assert!(error_of(r#"{"a": {"\ud800": 1}}"#).contains("escape"));
    }
}
