//! The fast JSON path: `str`, `int` of 64 bits, `bool`, None, `list` and `dict`, and no subclasses of them.
//!
//! Nearly every request and response consists of these types only. For anything else the functions here
//! return None, and `descope_ml.json_codec` does the work.

use std::fmt;

use descope_ml_core::json::MAX_TEXT_BYTES;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::text::without_surplus;

/// The deepest nesting that is handled here. Deeper values go to Python, which has its own recursion limit.
const MAX_DEPTH: u32 = 32;

/// The JSON text of a dictionary; None if a value is outside the fast path. `skip_none` leaves out the
/// members of this dictionary, not of nested ones, that are None.
pub(crate) fn dumps(members: &Bound<'_, PyDict>, skip_none: bool) -> Option<String> {
    let mut json = Vec::with_capacity(1024);
    // A text that is too large for core is not written to its end.
    match write_members(members, &mut json, 0, skip_none) {
        true => String::from_utf8(json).ok(),
        false => None,
    }
}

/// Appends a value. Returns false if the value is outside the fast path.
fn write_value(value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    if out.len() > MAX_TEXT_BYTES {
        return true;
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        return write_string(text, out);
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
        return write_members(members, out, depth, false);
    }
    let Ok(items) = value.cast_exact::<PyList>() else {
        return false;
    };
    out.push(b'[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        if !write_value(&item, out, depth + 1) {
            return false;
        }
    }
    out.push(b']');
    true
}

/// Appends a dictionary. Returns false if a key or value is outside the fast path.
fn write_members(
    members: &Bound<'_, PyDict>,
    out: &mut Vec<u8>,
    depth: u32,
    skip_none: bool,
) -> bool {
    out.push(b'{');
    let first = out.len();
    for (key, value) in members.iter() {
        if skip_none && value.is_none() {
            continue;
        }
        if out.len() > first {
            out.push(b',');
        }
        let Ok(key) = key.cast_exact::<PyString>() else {
            return false;
        };
        if !write_string(key, out) {
            return false;
        }
        out.push(b':');
        if !write_value(&value, out, depth + 1) {
            return false;
        }
    }
    out.push(b'}');
    true
}

/// Appends a quoted string. Returns false if it contains an unpaired surrogate.
fn write_string(text: &Bound<'_, PyString>, out: &mut Vec<u8>) -> bool {
    text.to_cow()
        .is_ok_and(|text| serde_json::to_writer(out, without_surplus(&text)).is_ok())
}

/// Parses JSON as `json.loads` would; None if the text has a value that [`write_value`] does not write, or
/// is not valid JSON.
pub(crate) fn loads<'py>(py: Python<'py>, json: &str) -> Option<Bound<'py, PyAny>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = ValueReader { py, depth: 0 }.deserialize(&mut reader).ok()?;
    reader.end().is_ok().then_some(value)
}

/// The value of a JSON text that core has made or checked; or the text itself, if it is outside the fast path.
pub(crate) fn document<'py>(py: Python<'py>, json: &str) -> Bound<'py, PyAny> {
    loads(py, json).unwrap_or_else(|| PyString::new(py, json).into_any())
}

/// Reads one value at a nesting depth.
#[derive(Clone, Copy)]
struct ValueReader<'py> {
    py: Python<'py>,
    depth: u32,
}

impl<'py> ValueReader<'py> {
    /// The reader for the members of this value.
    fn for_members<E: de::Error>(self) -> Result<ValueReader<'py>, E> {
        let depth = self.depth + 1;
        match depth > MAX_DEPTH {
            true => Err(E::custom("nested too deeply")),
            false => Ok(ValueReader { depth, ..self }),
        }
    }
}

impl<'de, 'py> DeserializeSeed<'de> for ValueReader<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

// There is no method for floats: serde then reports an error, and Python parses the text instead.
impl<'de, 'py> Visitor<'de> for ValueReader<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value of the fast path")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(PyBool::new(self.py, truth).to_owned().into_any())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(PyInt::new(self.py, number).into_any())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(PyInt::new(self.py, number).into_any())
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.py, text).into_any())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let member_reader = self.for_members()?;
        let list = PyList::empty(self.py);
        while let Some(item) = items.next_element_seed(member_reader)? {
            list.append(item).map_err(de::Error::custom)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let member_reader = self.for_members()?;
        let dictionary = PyDict::new(self.py);
        while let Some(key) = members.next_key_seed(self)? {
            let value = members.next_value_seed(member_reader)?;
            dictionary.set_item(key, value).map_err(de::Error::custom)?;
        }
        Ok(dictionary.into_any())
    }
}
