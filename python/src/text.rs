//! Text from Python: strings of `str` objects, and the API's spelling of Python names.

use descope_ml_core::Error;
use descope_ml_core::json::MAX_TEXT_BYTES;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text of a `str`. `to_error` makes the error for a value that is not a `str`, or that holds an
/// unpaired surrogate and so has no UTF-8 form. Of a text that is larger than core accepts, so much is left that
/// core refuses it.
pub(crate) fn extract_text(
    value: &Bound<'_, PyAny>,
    to_error: fn(&'static str) -> Error,
) -> Result<String, Error> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| to_error("only text can be sent: pass a str"))?;
    match text.to_cow() {
        Ok(text) => Ok(without_surplus(&text).to_owned()),
        Err(_) => Err(to_error(
            "a string contains an unpaired surrogate, such as \\ud800, and cannot be encoded as UTF-8: decode it without `surrogateescape` or `surrogatepass`",
        )),
    }
}

/// A text, or the start of one that is too large for core, which is too large as well.
pub(crate) fn without_surplus(text: &str) -> &str {
    if text.len() <= MAX_TEXT_BYTES {
        return text;
    }
    // A character has at most four bytes.
    let mut ends = MAX_TEXT_BYTES + 1..MAX_TEXT_BYTES + 5;
    let end = ends.find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The API's spelling of a Python name: `customClaims` for `custom_claims`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut spelling = String::with_capacity(name.len());
    for (number, word) in name.split('_').enumerate() {
        let mut letters = word.chars();
        match letters.next().filter(|_| number > 0) {
            Some(first) => {
                spelling.extend(first.to_uppercase());
                spelling.push_str(letters.as_str());
            }
            None => spelling.push_str(word),
        }
    }
    spelling
}
