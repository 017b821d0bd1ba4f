//! JSON for what nearly every request and answer is made of: Python's own text, whole numbers, booleans,
//! None, lists and dictionaries. What else there is, `descope_ml.documents` writes and reads, or refuses.

use std::fmt;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Deeper documents are left to Python, which knows how deep it may go.
const DEPTH: u32 = 32;

/// The JSON text of a dictionary, if it could be written here; without its members that are None, if
/// those are to be left out.
pub(crate) fn text(members: &Bound<'_, PyDict>, leave_out_none: bool) -> Option<String> {
    let mut text = Vec::with_capacity(1024);
    match write_members(members, &mut text, 0, leave_out_none) {
        true => String::from_utf8(text).ok(),
        false => None,
    }
}

/// Appends a value; whether it could be written here.
fn write(value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: u32) -> bool {
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
        if !write(&item, out, depth + 1) {
            return false;
        }
    }
    out.push(b']');
    true
}

/// Appends a dictionary.
fn write_members(
    members: &Bound<'_, PyDict>,
    out: &mut Vec<u8>,
    depth: u32,
    leave_out_none: bool,
) -> bool {
    out.push(b'{');
    let first = out.len();
    for (key, value) in members.iter() {
        if leave_out_none && value.is_none() {
            continue;
        }
        if out.len() > first {
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
    true
}

/// Appends a text in quotes, unless it holds half of a surrogate pair.
fn write_text(text: &Bound<'_, PyString>, out: &mut Vec<u8>) -> bool {
    text.to_cow()
        .is_ok_and(|text| serde_json::to_writer(out, &*text).is_ok())
}

/// Reads a text that holds nothing but what [`write`] writes, as `json.loads` would; None for any other.
pub(crate) fn read<'py>(py: Python<'py>, text: &str) -> Option<Bound<'py, PyAny>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Value { py, depth: 0 }.deserialize(&mut reader).ok()?;
    reader.end().is_ok().then_some(value)
}

/// Reads one value, at some depth.
#[derive(Clone, Copy)]
struct Value<'py> {
    py: Python<'py>,
    depth: u32,
}

impl<'py> Value<'py> {
    /// What reads the members of this value.
    fn within<E: de::Error>(self) -> Result<Value<'py>, E> {
        let depth = self.depth + 1;
        match depth > DEPTH {
            true => Err(E::custom("nested too deeply")),
            false => Ok(Value { depth, ..self }),
        }
    }
}

impl<'de, 'py> DeserializeSeed<'de> for Value<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

// A float has no method here, which makes it an error: Python reads it itself.
impl<'de, 'py> Visitor<'de> for Value<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a plain value")
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
        let within = self.within()?;
        let list = PyList::empty(self.py);
        while let Some(item) = items.next_element_seed(within)? {
            list.append(item).map_err(de::Error::custom)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let within = self.within()?;
        let dictionary = PyDict::new(self.py);
        while let Some(key) = members.next_key_seed(self)? {
            let value = members.next_value_seed(within)?;
            dictionary.set_item(key, value).map_err(de::Error::custom)?;
        }
        Ok(dictionary.into_any())
    }
}
