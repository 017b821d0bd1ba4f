//! Keys of a caller in messages.

/// The longest part of a caller's key that a message repeats, in characters.
const MAX_KEY_IN_MESSAGE: usize = 64;

/// A caller's key as messages show it: truncated, control characters escaped.
pub(super) fn escaped(key: &str) -> String {
    key.chars()
        .take(MAX_KEY_IN_MESSAGE)
        .flat_map(char::escape_debug)
        .collect()
}
