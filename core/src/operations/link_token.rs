//! Checks a link token for what goes wrong when it is copied. The service would say that the link has
//! expired.

use crate::error::Error;
use crate::json::Object;

/// Rejects a `token` that is more or less than the value of `t` in a link.
pub(super) fn check_link_token(request: &Object<'_>) -> Result<(), Error> {
    match problem(request.string("token").unwrap_or_default()) {
        Some(problem) => Err(Error::argument(format!("`token` {problem}"))),
        None => Ok(()),
    }
}

/// What is wrong and what to do, as the predicate of a sentence.
fn problem(token: &str) -> Option<&'static str> {
    let has = |characters: &[char]| token.contains(characters);
    if token.contains("://") || token.starts_with("t=") || has(&['?', '&', '#']) {
        return Some("is a whole link or a part of it: pass only the value of its parameter `t`");
    }
    if token.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return Some("contains white space or a line break: pass the value of `t` unchanged");
    }
    if has(&['"', '\'', '`', '<', '>', '“', '”', '‘', '’']) {
        return Some("contains a quotation mark: pass the value of `t` without it");
    }
    if token.contains('%') {
        return Some("is percent-encoded: decode the query of the link first, then pass `t`");
    }
    let is_visible = token.bytes().all(|byte| byte.is_ascii_graphic());
    (!is_visible)
        .then_some("contains a character that no link token has: pass the value of `t` unchanged")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_accepted_and_what_is_around_them_is_not() {
        for token in ["f3a9c2", "eyJhbGciOi.e30.c2ln", "a-b_c~d+e/f==", "t"] {
            assert_eq!(problem(token), None);
        }
        for (token, word) in [
            ("https://example.com/verify?t=f3a9c2", "link"),
            ("?t=f3a9c2", "link"),
            ("t=f3a9c2", "link"),
            ("f3a9c2&next=1", "link"),
            ("f3a9c2\n", "white space"),
            (" f3a9c2", "white space"),
            ("f3a9\u{a0}c2", "white space"),
            ("f3a9\r\n c2", "white space"),
            ("\"f3a9c2\"", "quotation mark"),
            ("‘f3a9c2’", "quotation mark"),
            ("<f3a9c2>", "quotation mark"),
            ("f3a9%2Bc2", "percent-encoded"),
            ("\u{feff}f3a9c2", "no link token"),
            ("f3a9c2\u{200b}", "no link token"),
            ("f3а9c2", "no link token"),
        ] {
            let found = problem(token).unwrap_or_default();
            assert!(found.contains(word), "{token:?}: {found}");
        }
    }
}
