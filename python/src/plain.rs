//! JSON for what nearly every request is made of: Python's own text, whole numbers, booleans, None, lists
//! and dictionaries. What else there is, `descope_ml.documents` writes, or refuses.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString};

/// Deeper documents are left to Python, which knows how deep it may go.
const DEPTH: u32 = 32;

/// Appends a value; whether it could be written here.
pub(crate) fn write(value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: u32) -> bool {
    if depth > DEPTH {
        return false;
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        return write_text(text, out);
    }
    if value.is_none() {
        out.extend_from_slice(b"null");
        return true;
    }
    if let Ok(truth) = value.cast_exact::<PyBool>() {
        let word: &[u8] = if truth.is_true() { b"true" } else { b"false" };
        out.extend_from_slice(word);
        return true;
    }
    if let Ok(number) = value.cast_exact::<PyInt>() {
        let number = number.extract::<i64>();
        return number.is_ok_and(|number| {
            out.extend_from_slice(number.to_string().as_bytes());
            true
        });
    }
    if let Ok(members) = value.cast_exact::<PyDict>() {
        out.push(b'{');
        for (number, (key, value)) in members.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            let Ok(key) = key.cast_exact::<PyString>() else {
                return false;
            };
            if !write_text(key, out) {
                return false;
            }
            out.push(b':');
            if !write(&value, out, depth + 1) {
                return false;
            }
        }
        out.push(b'}');
        return true;
    }
    let Ok(items) = value.cast_exact::<PyList>() else {
        return false;
    };
    out.push(b'[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        if !write(&item, out, depth + 1) {
            return false;
        }
    }
    out.push(b']');
    true
}

/// Appends a text in quotes, unless it holds half of a surrogate pair.
fn write_text(text: &Bound<'_, PyString>, out: &mut Vec<u8>) -> bool {
    text.to_cow()
        .is_ok_and(|text| serde_json::to_writer(out, &*text).is_ok())
}
