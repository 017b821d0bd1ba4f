//! A JSON object parsed one level deep: members in document order, values kept as JSON text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::list::push;
use super::value::JsonString;

/// Enough for nearly all objects.
const INITIAL_CAPACITY: usize = 16;

/// A JSON object. Keys are unescaped, values are not parsed, duplicates are kept.
#[derive(Default)]
pub(crate) struct RawObject<'a>(pub(super) Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> RawObject<'a> {
    /// Parses an object. `None` for any other text.
    pub(crate) fn parse(json: &'a str) -> Option<RawObject<'a>> {
        serde_json::from_str(json).ok()
    }

    /// Whether the object has no members.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key, if it is a string.
    pub(crate) fn string(&self, key: &str) -> Option<Cow<'_, str>> {
        as_string(self.get(key)?)
    }

    /// The JSON text of a value, if it is a string.
    pub(crate) fn raw_string(&self, key: &str) -> Option<&str> {
        self.get_starting_with(key, '"').map(RawValue::get)
    }

    /// The JSON text of a value, if it is an object.
    pub(crate) fn raw_object(&self, key: &str) -> Option<&str> {
        self.get_starting_with(key, '{').map(RawValue::get)
    }

    /// The JSON text of a value, if it is an array.
    pub(crate) fn raw_array(&self, key: &str) -> Option<&str> {
        self.get_starting_with(key, '[').map(RawValue::get)
    }

    /// Parses a value that is an object. `None` for any other value.
    pub(super) fn from_raw(value: &'a RawValue) -> Option<RawObject<'a>> {
        let is_object = value.get().starts_with('{');
        is_object.then(|| serde_json::from_str(value.get()).ok())?
    }

    /// The value of a key. For a duplicate key the last one, as in most JSON parsers.
    pub(crate) fn get(&self, key: &str) -> Option<&RawValue> {
        let found = self.0.iter().rfind(|(name, _)| name == key);
        found.map(|(_, value)| value.as_ref())
    }

    /// Like [`RawObject::get`], but borrowed from the parsed text. `None` for an inserted value.
    pub(super) fn get_borrowed(&self, key: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().rfind(|(name, _)| name == key);
        match found {
            Some((_, Cow::Borrowed(value))) => Some(value),
            _ => None,
        }
    }

    fn get_starting_with(&self, key: &str, start: char) -> Option<&RawValue> {
        self.get(key).filter(|value| value.get().starts_with(start))
    }

    /// Sets the value of a key: in place if the key exists, else at the end.
    pub(crate) fn insert(&mut self, key: Cow<'a, str>, value: Cow<'a, RawValue>) {
        match self.0.iter_mut().rfind(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(Cow<'de, str>, Cow<'de, RawValue>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(INITIAL_CAPACITY);
                while let Some((key, value)) = map.next_entry::<JsonString<'de>, &'de RawValue>()? {
                    push(&mut members, (key.0, Cow::Borrowed(value)))?;
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(RawObject)
    }
}

/// Finds one value as [`RawObject::get`] does, without a list of the other members. `None` for any
/// text but an object, `Some(None)` for one without this key.
pub(super) fn find<'a>(json: &'a str, key: &str) -> Option<Option<&'a RawValue>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let found = reader.deserialize_map(Find(key)).ok()?;
    reader.end().ok()?;
    Some(found)
}

/// Reads an object and keeps the value of one key.
struct Find<'k>(&'k str);

impl<'de> Visitor<'de> for Find<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<JsonString<'de>>()? {
            match key.as_str() == self.0 {
                true => found = Some(map.next_value()?),
                false => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(found)
    }
}

impl Serialize for RawObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value.as_ref())?;
        }
        map.end()
    }
}

/// The text of a JSON string. `None` for any other value.
pub(crate) fn as_string(value: &RawValue) -> Option<Cow<'_, str>> {
    let json = value.get();
    // Without an escape sequence, the text stands in the JSON as it is.
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.as_bytes().contains(&b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    let string: JsonString<'_> = serde_json::from_str(json).ok()?;
    Some(string.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_escapes_are_decoded_or_the_string_is_rejected() {
        let members = RawObject::parse(
            r#"{"plain": "Zoë", "escaped": "a\"b\\", "end": "\\", "": "", "half": "\ud800", "number": 1}"#,
        )
        .unwrap();
        let text = |key| members.string(key);
        assert_eq!(text("plain").as_deref(), Some("Zoë"));
        assert_eq!(text("escaped").as_deref(), Some("a\"b\\"));
        assert_eq!(text("end").as_deref(), Some("\\"));
        assert_eq!(text("").as_deref(), Some(""));
        assert_eq!(["half", "number", "none"].map(text), [None, None, None]);
    }

    #[test]
    fn find_agrees_with_get() {
        let found = |json| find(json, "a").map(|value| value.map(RawValue::get));
        assert_eq!(
            found(r#"{"a": 1, "b": [{"a": 2}], "\u0061": {"c": 3}}"#),
            Some(Some(r#"{"c": 3}"#))
        );
        assert_eq!(found("{}"), Some(None));
        for broken in [
            r#"{"a": 1"#,
            r#"{"a": 1} 2"#,
            r#"{"a": 1, "b": nul}"#,
            "[1]",
            r#""a""#,
        ] {
            assert_eq!(found(broken), None, "{broken}");
        }
    }
}
