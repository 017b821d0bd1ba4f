//! RFC 6901: reads and writes what a JSON pointer names, for callers without a JSON library.
//!
//! Values that are not touched keep their very text, so no number loses a digit on the way.

use std::borrow::Cow;

use serde_json::value::{RawValue, to_raw_value};

use super::MAX_DEPTH;
use super::flaws::is_too_deep;
use super::members::{Members, find};
use crate::error::Error;

/// The largest document that is read or written here, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// What the pointer names: a string as its text, anything else as JSON. The empty pointer names the
/// whole document.
///
/// # Errors
///
/// [`Error::Argument`] for a document that is not JSON or a malformed pointer, [`Error::NotFound`]
/// when the pointer names nothing.
pub fn get(doc: &str, pointer: &str) -> Result<String, Error> {
    let value = match member(doc, pointer) {
        Some(value) => value,
        None => named(doc, pointer)?,
    };
    match super::text(value) {
        Some(text) => Ok(text.into_owned()),
        None if value.get().starts_with('"') => Err(Error::argument(
            "the string that the pointer names has a broken \\u escape",
        )),
        None => Ok(value.get().to_owned()),
    }
}

/// Sets a string where the pointer says and returns the new document; `None` starts one. Objects on
/// the way are made; the text is escaped as JSON needs it.
///
/// # Errors
///
/// As [`put`].
pub fn set(doc: Option<&str>, pointer: &str, text: &str) -> Result<String, Error> {
    let value = to_raw_value(text).map_err(|_| Error::internal("while escaping a string"))?;
    write(doc, pointer, &value)
}

/// Sets any JSON value where the pointer says and returns the new document; `None` starts one.
///
/// # Errors
///
/// [`Error::Argument`] for a document or a value that is not JSON, a malformed pointer, or one that
/// leads through a value that is neither object nor array; [`Error::NotFound`] for an array index
/// beyond the end (`-` appends).
pub fn put(doc: Option<&str>, pointer: &str, json: &str) -> Result<String, Error> {
    write(doc, pointer, raw(json, "the value")?)
}

fn write(doc: Option<&str>, pointer: &str, value: &RawValue) -> Result<String, Error> {
    let doc = raw(doc.unwrap_or("{}"), "the document")?;
    let tokens = tokens(pointer)?;
    if tokens.len() > MAX_DEPTH {
        return Err(Error::argument("the JSON pointer is too deep"));
    }
    let written = write_at(doc, &tokens, value)?;
    if written.len() > MAX_BYTES {
        return Err(Error::argument(format!(
            "the document would become larger than {MAX_BYTES} bytes"
        )));
    }
    if is_too_deep(&written) {
        return Err(Error::argument(format!(
            "the document would be nested deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok(written)
}

fn write_at(doc: &RawValue, tokens: &[Cow<'_, str>], value: &RawValue) -> Result<String, Error> {
    let Some((token, rest)) = tokens.split_first() else {
        return Ok(value.get().to_owned());
    };
    if let Some(mut members) = Members::of(doc) {
        let inner = match members.get(token) {
            Some(old) => write_at(old, rest, value)?,
            None => write_at(raw("{}", "the document")?, rest, value)?,
        };
        members.insert(token.clone(), Cow::Owned(owned(inner)?));
        return json(&members);
    }
    let Ok(mut items) = serde_json::from_str::<Vec<&RawValue>>(doc.get()) else {
        return Err(Error::argument(
            "the JSON pointer leads through a value that is neither an object nor an array",
        ));
    };
    let index = match token.as_ref() {
        "-" => items.len(),
        token => index(token).ok_or_else(not_found)?,
    };
    let old = match items.get(index) {
        Some(old) => old,
        None if index == items.len() => raw("{}", "the document")?,
        None => return Err(not_found()),
    };
    let inner = owned(write_at(old, rest, value)?)?;
    if index == items.len() {
        items.push(&inner);
    } else {
        items[index] = &inner;
    }
    json(&items)
}

/// What a pointer of one plain token names, such as `/maskedPhone`, with one look at the document; None
/// leaves it to [`named`], which knows what is wrong where something is.
fn member<'a>(doc: &'a str, pointer: &str) -> Option<&'a RawValue> {
    let key = pointer.strip_prefix('/')?;
    if key.contains(['/', '~']) || doc.len() > MAX_BYTES {
        return None;
    }
    (!is_too_deep(doc)).then(|| find(doc, key))?
}

/// What any pointer names.
fn named<'a>(doc: &'a str, pointer: &str) -> Result<&'a RawValue, Error> {
    let mut value = raw(doc, "the document")?;
    for token in tokens(pointer)? {
        value = child(value, &token).ok_or_else(not_found)?;
    }
    Ok(value)
}

/// The value under one token of a pointer.
fn child<'a>(value: &'a RawValue, token: &str) -> Option<&'a RawValue> {
    if let Some(members) = Members::of(value) {
        return members.borrowed(token);
    }
    let items: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
    items.get(index(token)?).copied()
}

/// An array index: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
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
            "a JSON pointer begins with `/`, such as /loginOptions/locale",
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
            "in a JSON pointer `~` is written `~0` and `/` is written `~1`",
        ));
    }
    Ok(Cow::Owned(token.replace("~1", "/").replace("~0", "~")))
}

fn raw<'a>(json: &'a str, what: &str) -> Result<&'a RawValue, Error> {
    if json.len() > MAX_BYTES {
        return Err(Error::argument(format!(
            "{what} is larger than {MAX_BYTES} bytes"
        )));
    }
    let raw: &RawValue = serde_json::from_str(json)
        .map_err(|e| Error::argument(format!("{what} is not valid JSON: {e}")))?;
    if is_too_deep(raw.get()) {
        return Err(Error::argument(format!(
            "{what} is nested deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok(raw)
}

fn owned(json: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(json).map_err(|_| Error::internal("while writing a document"))
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::internal("while writing a document"))
}

fn not_found() -> Error {
    Error::NotFound(Cow::Borrowed(
        "the JSON pointer names nothing in the document",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    const DOC: &str = r#"{"a": {"b": ["x", {"c/d": 12345678901234567890}]}, "m~n": "\u00e9\n"}"#;

    #[test]
    fn get_reads_strings_as_text_and_all_else_as_json() {
        let read = |pointer| get(DOC, pointer).unwrap();
        assert_eq!(read("/a/b/0"), "x");
        assert_eq!(read("/a/b/1/c~1d"), "12345678901234567890");
        assert_eq!(read("/m~0n"), "é\n");
        assert_eq!(read("/a/b/1"), r#"{"c/d": 12345678901234567890}"#);
        assert_eq!(read(""), DOC);
    }

    #[test]
    fn get_says_what_is_wrong() {
        let status = |doc, pointer| get(doc, pointer).map_err(|e| e.status());
        assert_eq!(status(DOC, "/x"), Err(Status::NotFound));
        assert_eq!(status(DOC, "/a/b/2"), Err(Status::NotFound));
        assert_eq!(status(DOC, "/a/b/01"), Err(Status::NotFound));
        assert_eq!(status(DOC, "a"), Err(Status::Argument));
        assert_eq!(status(DOC, "/a~2"), Err(Status::Argument));
        assert_eq!(status("{", "/a"), Err(Status::Argument));
    }

    #[test]
    fn set_escapes_and_makes_objects_on_the_way() {
        let doc = set(None, "/loginId", "a\"b\\\n\u{1}ż").unwrap();
        assert_eq!(doc, "{\"loginId\":\"a\\\"b\\\\\\n\\u0001ż\"}");
        let doc = set(Some(&doc), "/loginOptions/locale", "pl").unwrap();
        let doc = set(Some(&doc), "/loginId", "u").unwrap();
        assert_eq!(doc, r#"{"loginId":"u","loginOptions":{"locale":"pl"}}"#);
    }

    #[test]
    fn put_takes_any_json_and_appends_to_arrays() {
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
    fn what_is_written_is_never_nested_deeper_than_what_is_read() {
        let written = |depth: usize| {
            let pointer = "/a".repeat(depth);
            put(None, &pointer, "[[1]]").map(|doc| get(&doc, &pointer).unwrap())
        };
        assert_eq!(written(MAX_DEPTH - 2).unwrap(), "[[1]]");
        let status = written(MAX_DEPTH - 1).map_err(|error| error.status());
        assert_eq!(status, Err(Status::Argument));
    }
}
