//! What must not be passed on in an object whose values are not looked into otherwise.

use serde_json::value::RawValue;

use super::MAX_DEPTH;
use super::members::Members;

/// What is wrong with this value, as the end of a sentence about it; nothing when all is well.
pub(super) fn flaw(value: &RawValue) -> Option<String> {
    if is_too_deep(value.get()) {
        return Some(format!(
            "is nested deeper than {MAX_DEPTH} levels: flatten it"
        ));
    }
    key_flaw(value).map(str::to_owned)
}

/// Whether the arrays and objects of this valid JSON text are nested deeper than [`MAX_DEPTH`].
#[inline(never)]
pub(super) fn is_too_deep(json: &str) -> bool {
    // Nearly every text has fewer brackets than that, and they are quickly counted.
    brackets(json) > MAX_DEPTH && depth(json) > MAX_DEPTH
}

/// How many arrays and objects begin in this text, if its strings hold no bracket.
fn brackets(json: &str) -> usize {
    // By pieces whose count fits a byte: so the compiler counts many bytes at once.
    let pieces = json.as_bytes().chunks(usize::from(u8::MAX));
    let count = |piece: &[u8]| {
        piece
            .iter()
            .map(|byte| u8::from(matches!(byte, b'{' | b'[')))
            .sum::<u8>()
    };
    pieces.map(|piece| usize::from(count(piece))).sum()
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

/// What is wrong with the keys of the objects in this value.
fn key_flaw(value: &RawValue) -> Option<&'static str> {
    if value.get().starts_with('{') {
        let Some(members) = Members::of(value) else {
            return Some("holds a key with a broken \\u escape: mend it");
        };
        let mut keys: Vec<&str> = members.0.iter().map(|(key, _)| key.as_ref()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            return Some("holds a key that is given twice: keep one of them");
        }
        return members.0.iter().find_map(|(_, value)| key_flaw(value));
    }
    let items: Vec<&RawValue> = match value.get().starts_with('[') {
        true => serde_json::from_str(value.get()).unwrap_or_default(),
        false => Vec::new(),
    };
    items.into_iter().find_map(key_flaw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw_of(json: &str) -> String {
        flaw(serde_json::from_str(json).unwrap()).unwrap_or_default()
    }

    #[test]
    fn depth_counts_brackets_outside_strings_only() {
        assert_eq!(depth(r#"{"a": "[[[{\"[", "b": [{}]}"#), 3);
        assert_eq!(depth("1"), 0);
    }

    #[test]
    fn too_deep_is_what_is_nested_and_not_what_has_many_brackets() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(!is_too_deep(&nested(MAX_DEPTH)));
        assert!(is_too_deep(&nested(MAX_DEPTH + 1)));
        assert!(!is_too_deep(&format!("[{}1]", "[],".repeat(MAX_DEPTH))));
        assert!(!is_too_deep(&format!("\"{}\"", "[".repeat(1000))));
    }

    #[test]
    fn flawed_keys_are_found_at_every_level() {
        assert_eq!(
            flaw_of(r#"{"a": [{"b": 1, "c": "\ud800"}], "d": 1e999}"#),
            ""
        );
        assert!(flaw_of(r#"{"a": [{"b": 1, "\u0062": 2}]}"#).contains("twice"));
        assert!(flaw_of(r#"{"a": {"\ud800": 1}}"#).contains("escape"));
    }
}
