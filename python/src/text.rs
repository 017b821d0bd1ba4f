//! Text from Python: strings of `str` objects, and the API's spelling of Python names.

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text of a `str`. `to_error` makes the error for a value that is not a `str`, or that holds an
/// unpaired surrogate and so has no UTF-8 form.
pub(crate) fn extract_text(
    value: &Bound<'_, PyAny>,
    to_error: fn(&'static str) -> Error,
) -> Result<String, Error> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| to_error("only text can be sent: pass a str"))?;
    match text.to_cow() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(to_error(
            "a string contains an unpaired surrogate, such as \\ud800, and cannot be encoded as UTF-8: decode it without `surrogateescape` or `surrogatepass`",
        )),
    }
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
