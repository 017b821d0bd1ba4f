//! JSON pointers (RFC 6901): read and write values, for callers without a JSON library.
//!
//! Other values keep their JSON text, so that no number loses a digit.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::limits::{MAX_DEPTH, check_size, is_too_deep};
use super::list::RawArray;
use super::raw_object::{RawObject, as_string, find};
use super::write::{raw_value, to_json, to_raw_json};
use crate::error::Error;
use crate::memory;
use crate::status::Outcome;

/// The names of the arguments in messages.
const DOCUMENT: &str = "the document";
const POINTER: &str = "the JSON pointer";

/// Gets the value at a pointer: the text of a string, the JSON of any other value. The empty pointer
/// stands for the whole document. The value is a part of the document, except for a string with an escape
/// sequence.
///
/// # Errors
///
/// [`Error::Argument`] for invalid JSON or a malformed pointer, [`Error::NotFound`] if there is no
/// value at the pointer.
pub fn get<'a>(doc: &'a str, pointer: &str) -> Result<Cow<'a, str>, Error> {
    read(doc, pointer).map_err(|error| error.unless_out_of_memory(Outcome::NotSent))
}

fn read<'a>(doc: &'a str, pointer: &str) -> Result<Cow<'a, str>, Error> {
    check_size(doc, DOCUMENT).map_err(Error::argument)?;
    check_size(pointer, POINTER).map_err(Error::argument)?;
    let value = match resolve_member(doc, pointer) {
        Some(value) => value,
        None => resolve(doc, pointer)?,
    };
    match as_string(value) {
        Some(text) => Ok(text),
        None if value.get().starts_with('"') => Err(Error::argument(
            "the string at this JSON pointer has an invalid \\u escape",
        )),
        None => Ok(Cow::Borrowed(value.get())),
    }
}

/// Sets a string and returns the new document. `None` starts an empty document. Missing objects on the
/// path are created, and `text` is escaped.
///
/// # Errors
///
/// Like [`put`].
pub fn set(doc: Option<&str>, pointer: &str, text: &str) -> Result<String, Error> {
    check_size(text, "the text").map_err(Error::argument)?;
    let value = to_raw_json(&text)?;
    write(doc, pointer, &value)
}

/// Sets a value of any JSON type and returns the new document. `None` starts an empty document.
///
/// # Errors
///
/// [`Error::Argument`] for invalid JSON, a malformed pointer, or a pointer through a value that is
/// neither an object nor an array. [`Error::NotFound`] for an array index beyond the end (`-` appends).
pub fn put(doc: Option<&str>, pointer: &str, json: &str) -> Result<String, Error> {
    write(doc, pointer, raw(json, "the value")?)
}

fn write(doc: Option<&str>, pointer: &str, value: &RawValue) -> Result<String, Error> {
    write_unchecked(doc, pointer, value)
        .map_err(|error| error.unless_out_of_memory(Outcome::NotSent))
}

fn write_unchecked(doc: Option<&str>, pointer: &str, value: &RawValue) -> Result<String, Error> {
    check_size(pointer, POINTER).map_err(Error::argument)?;
    let doc = raw(doc.unwrap_or("{}"), DOCUMENT)?;
    let tokens = tokens(pointer)?;
    if tokens.len() > MAX_DEPTH {
        return Err(Error::argument(format!(
            "the JSON pointer has more than {MAX_DEPTH} parts"
        )));
    }
    let written = write_at(doc, &tokens, value)?;
    check_size(&written, "the result").map_err(Error::argument)?;
    if is_too_deep(&written) {
        return Err(Error::argument(format!(
            "the result would have more than {MAX_DEPTH} nesting levels"
        )));
    }
    Ok(written)
}

fn write_at(doc: &RawValue, tokens: &[Cow<'_, str>], value: &RawValue) -> Result<String, Error> {
    let Some((token, rest)) = tokens.split_first() else {
        return Ok(memory::copy(value.get())?);
    };
    if let Some(mut members) = RawObject::from_raw(doc) {
        let inner = match members.get(token) {
            Some(old) => write_at(old, rest, value)?,
            None => write_at(raw("{}", "the document")?, rest, value)?,
        };
        members.insert(token.clone(), Cow::Owned(raw_value(inner)?));
        return to_json(&members);
    }
    let Ok(RawArray(mut items)) = serde_json::from_str(doc.get()) else {
        return Err(Error::argument(
            "the JSON pointer passes through a value that is neither an object nor an array",
        ));
    };
    let index = match token.as_ref() {
        "-" => items.len(),
        token => parse_index(token).ok_or_else(not_found)?,
    };
    let old = match items.get(index) {
        Some(old) => old,
        None if index == items.len() => raw("{}", "the document")?,
        None => return Err(not_found()),
    };
    let inner = raw_value(write_at(old, rest, value)?)?;
    if index == items.len() {
        items.try_reserve(1)?;
        items.push(&inner);
    } else {
        items[index] = &inner;
    }
    to_json(&items)
}

/// Fast path for a pointer with one part, such as `/maskedPhone`. `None` if [`resolve`] has to look,
/// which also reports what is wrong.
fn resolve_member<'a>(doc: &'a str, pointer: &str) -> Option<&'a RawValue> {
    let key = pointer.strip_prefix('/')?;
    if key.bytes().any(|byte| matches!(byte, b'/' | b'~')) {
        return None;
    }
    (!is_too_deep(doc)).then(|| find(doc, key))??
}

/// The value at a pointer.
fn resolve<'a>(doc: &'a str, pointer: &str) -> Result<&'a RawValue, Error> {
    let mut value = raw(doc, DOCUMENT)?;
    for token in tokens(pointer)? {
        value = child(value, &token).ok_or_else(not_found)?;
    }
    Ok(value)
}

/// The value that one part of a pointer selects.
fn child<'a>(value: &'a RawValue, token: &str) -> Option<&'a RawValue> {
    if let Some(members) = RawObject::from_raw(value) {
        return members.get_borrowed(token);
    }
    let items: RawArray<'_> = serde_json::from_str(value.get()).ok()?;
    items.0.get(parse_index(token)?).copied()
}

/// Parses an array index: digits without a leading zero.
fn parse_index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (token == "0" || !token.starts_with('0')))
        .then(|| token.parse().ok())
        .flatten()
}

fn tokens(pointer: &str) -> Result<Vec<Cow<'_, str>>, Error> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        return Err(Error::argument(
            "a JSON pointer must start with `/`, for example /loginOptions/locale",
        ));
    };
    rest.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Result<Cow<'_, str>, Error> {
    if !token.contains('~') {
        return Ok(Cow::Borrowed(token));
    }
    let plain = token.replace("~0", "").replace("~1", "");
    if plain.contains('~') {
        return Err(Error::argument(
            "in a JSON pointer, write `~0` for `~` and `~1` for `/`",
        ));
    }
    Ok(Cow::Owned(token.replace("~1", "/").replace("~0", "~")))
}

fn raw<'a>(json: &'a str, what: &str) -> Result<&'a RawValue, Error> {
    check_size(json, what).map_err(Error::argument)?;
    let raw: &RawValue = serde_json::from_str(json)
        .map_err(|e| Error::argument(format!("{what} is not valid JSON: {e}")))?;
    if is_too_deep(raw.get()) {
        return Err(Error::argument(format!(
            "{what} has more than {MAX_DEPTH} nesting levels"
        )));
    }
    Ok(raw)
}

fn not_found() -> Error {
    Error::NotFound(Cow::Borrowed(
        "the document has no value at this JSON pointer",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::limits::MAX_TEXT_BYTES;
    use super::*;
    use crate::status::Status;

    const DOC: &str = r#"{"a": {"b": ["x", {"c/d": 12345678901234567890}]}, "m~n": "\u00e9\n"}"#;

    #[test]
    fn get_returns_text_of_strings_and_json_of_other_values() {
        let read = |pointer| get(DOC, pointer).unwrap();
        assert_eq!(read("/a/b/0"), "x");
        assert_eq!(read("/a/b/1/c~1d"), "12345678901234567890");
        assert_eq!(read("/m~0n"), "é\n");
        assert_eq!(read("/a/b/1"), r#"{"c/d": 12345678901234567890}"#);
        assert_eq!(read(""), DOC);
    }

    #[test]
    fn get_reports_missing_values_and_invalid_arguments() {
        let status = |doc, pointer| get(doc, pointer).map_err(|e| e.status());
        assert_eq!(status(DOC, "/x"), Err(Status::NotFound));
        assert_eq!(status(DOC, "/a/b/2"), Err(Status::NotFound));
        assert_eq!(status(DOC, "/a/b/01"), Err(Status::NotFound));
        assert_eq!(status(DOC, "a"), Err(Status::Argument));
        assert_eq!(status(DOC, "/a~2"), Err(Status::Argument));
        assert_eq!(status("{", "/a"), Err(Status::Argument));
    }

    #[test]
    fn set_escapes_and_creates_missing_objects() {
        let doc = set(None, "/loginId", "a\"b\\\n\u{1}ż").unwrap();
        assert_eq!(doc, "{\"loginId\":\"a\\\"b\\\\\\n\\u0001ż\"}");
        let doc = set(Some(&doc), "/loginOptions/locale", "pl").unwrap();
        let doc = set(Some(&doc), "/loginId", "u").unwrap();
        assert_eq!(doc, r#"{"loginId":"u","loginOptions":{"locale":"pl"}}"#);
    }

    #[test]
    fn put_accepts_any_json_and_appends_to_arrays() {
        let doc = put(None, "/a", "[1]").unwrap();
        let doc = put(Some(&doc), "/a/-", "1e400").unwrap();
        let doc = put(Some(&doc), "/a/0", "{\"k\": true}").unwrap();
        assert_eq!(doc, r#"{"a":[{"k": true},1e400]}"#);
        let status = |pointer, json| put(Some(&doc), pointer, json).map_err(|e| e.status());
        assert_eq!(status("/a/9", "1"), Err(Status::NotFound));
        assert_eq!(status("/a/1/x", "1"), Err(Status::Argument));
        assert_eq!(status("/a", "nope"), Err(Status::Argument));
    }

    #[test]
    fn larger_texts_than_the_limit_are_refused() {
        let large = "x".repeat(MAX_TEXT_BYTES + 1);
        let doc = format!("\"{large}\"");
        let pointer = format!("/{large}");
        for result in [
            get(&doc, "").map(Cow::into_owned),
            get("{}", &pointer).map(Cow::into_owned),
            set(Some(&doc), "/a", "b"),
            set(None, &pointer, "b"),
            set(None, "/a", &large),
            put(None, "/a", &doc),
            set(None, "/a", &large[2..]),
        ] {
            let error = result.unwrap_err();
            assert_eq!(error.status(), Status::Argument);
            assert!(error.to_string().contains("larger than the limit"));
        }
        let longest = large.len() - 1 - r#"{"a":""}"#.len();
        let doc = set(None, "/a", &large[..longest]).unwrap();
        assert_eq!(get(&doc, "/a").unwrap().len(), longest);
    }

    #[test]
    fn put_never_writes_more_levels_than_get_reads() {
        let written = |depth: usize| {
            let pointer = "/a".repeat(depth);
            put(None, &pointer, "[[1]]").map(|doc| get(&doc, &pointer).unwrap().into_owned())
        };
        assert_eq!(written(MAX_DEPTH - 2).unwrap(), "[[1]]");
        let status = written(MAX_DEPTH - 1).map_err(|error| error.status());
        assert_eq!(status, Err(Status::Argument));
    }
}
