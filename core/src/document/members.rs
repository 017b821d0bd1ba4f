//! The members of a JSON object in their order, each value as the very text that it came as.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::Text;

/// For how many members there is room at once.
const USUAL: usize = 16;

/// A JSON object one level deep: keys unescaped, values untouched, duplicates kept.
#[derive(Default)]
pub(crate) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> Members<'a> {
    /// The members of an object; `None` for any other text.
    pub(crate) fn parse(json: &'a str) -> Option<Members<'a>> {
        serde_json::from_str(json).ok()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text under a key, if that is what it is.
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        super::text(self.get(key)?)
    }

    /// The JSON of the value under a key, if it begins like this: `{` for an object, `[` for an array,
    /// `"` for a text.
    pub(crate) fn json(&self, key: &str, start: char) -> Option<&str> {
        self.value(key, start).map(RawValue::get)
    }

    /// The members of an object; `None` for any other value.
    pub(super) fn of(value: &'a RawValue) -> Option<Members<'a>> {
        let is_object = value.get().starts_with('{');
        is_object.then(|| serde_json::from_str(value.get()).ok())?
    }

    /// The value under a key; of several the last, as most readers of JSON have it.
    pub(crate) fn get(&self, key: &str) -> Option<&RawValue> {
        let found = self.0.iter().rfind(|(name, _)| name == key);
        found.map(|(_, value)| value.as_ref())
    }

    /// As [`Members::get`], where nothing has been changed: the text that these are the members of.
    pub(super) fn borrowed(&self, key: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().rfind(|(name, _)| name == key);
        match found {
            Some((_, Cow::Borrowed(value))) => Some(value),
            _ => None,
        }
    }

    /// The value under a key, if it begins like this: `{` for an object, `[` for an array.
    pub(crate) fn value(&self, key: &str, start: char) -> Option<&RawValue> {
        self.get(key).filter(|value| value.get().starts_with(start))
    }

    /// Sets the value under a key, in its old place or at the end.
    pub(crate) fn insert(&mut self, key: Cow<'a, str>, value: Cow<'a, RawValue>) {
        match self.0.iter_mut().rfind(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(Cow<'de, str>, Cow<'de, RawValue>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(USUAL);
                while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push((key.0, Cow::Borrowed(value)));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(Members)
    }
}

/// The value under a key of an object, as [`Members::get`] has it, without a list of the others; `None`
/// for any other text.
pub(super) fn find<'a>(json: &'a str, key: &str) -> Option<&'a RawValue> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let found = reader.deserialize_map(Find(key)).ok()?;
    reader.end().ok()?;
    found
}

/// Reads the members of an object for the value under a key.
struct Find<'k>(&'k str);

impl<'de> Visitor<'de> for Find<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.as_str() == self.0 {
                true => found = Some(map.next_value()?),
                false => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(found)
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value.as_ref())?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_with_its_escapes_resolved_and_never_half_read() {
        let members = Members::parse(
            r#"{"plain": "Zoë", "escaped": "a\"b\\", "end": "\\", "": "", "half": "\ud800", "number": 1}"#,
        )
        .unwrap();
        let text = |key| members.text(key);
        assert_eq!(text("plain").as_deref(), Some("Zoë"));
        assert_eq!(text("escaped").as_deref(), Some("a\"b\\"));
        assert_eq!(text("end").as_deref(), Some("\\"));
        assert_eq!(text("").as_deref(), Some(""));
        assert_eq!(["half", "number", "none"].map(text), [None, None, None]);
    }

    #[test]
    fn one_value_is_found_as_among_all() {
        let found = |json| find(json, "a").map(RawValue::get);
        assert_eq!(
            found(r#"{"a": 1, "b": [{"a": 2}], "\u0061": {"c": 3}}"#),
            Some(r#"{"c": 3}"#)
        );
        assert_eq!(found("{}"), None);
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
