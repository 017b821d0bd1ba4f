//! The members of a JSON object in their order, each value as the very text that it came as.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::Text;

/// A JSON object one level deep: keys unescaped, values untouched, duplicates kept.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> Members<'a> {
    /// The members of an object; `None` for any other value.
    pub(super) fn of(value: &'a RawValue) -> Option<Members<'a>> {
        serde_json::from_str(value.get()).ok()
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Option<&RawValue> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_ref())
    }

    /// Sets the value under a key, in its old place or at the end.
    pub(super) fn insert(&mut self, key: Cow<'a, str>, value: Cow<'a, RawValue>) {
        match self.0.iter_mut().find(|(name, _)| *name == key) {
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
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push((key.0, Cow::Borrowed(value)));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(Members)
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

/// Merges the object `extra` into the object `body`: objects into objects, new keys at the end.
///
/// # Errors
///
/// A sentence, when a member of `extra` would replace one that the body already has.
pub(crate) fn merge(body: &str, extra: &str) -> Result<String, String> {
    let raw = |text| serde_json::from_str::<&RawValue>(text).map_err(|e| e.to_string());
    let merged = merge_at("", raw(body)?, raw(extra)?)?;
    Ok(merged.get().to_owned())
}

fn merge_at(path: &str, body: &RawValue, extra: &RawValue) -> Result<Box<RawValue>, String> {
    let (Some(mut body), Some(extra)) = (Members::of(body), Members::of(extra)) else {
        return Err(format!(
            "`extra` repeats `{path}`, which the request already sets: leave it out of one of them"
        ));
    };
    for (key, value) in extra.0 {
        let merged = match body.get(&key) {
            Some(old) => {
                let dot = if path.is_empty() { "" } else { "." };
                Cow::Owned(merge_at(&format!("{path}{dot}{key}"), old, &value)?)
            }
            None => value,
        };
        body.insert(key, merged);
    }
    serde_json::value::to_raw_value(&body).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_adds_new_members_at_every_level_and_keeps_numbers_exact() {
        let merged = merge(
            r#"{"loginId":"u","loginOptions":{"locale":"pl"}}"#,
            r#"{"loginOptions": {"new": 1e400}, "n": 12345678901234567890123}"#,
        );
        assert_eq!(
            merged.as_deref(),
            Ok(
                r#"{"loginId":"u","loginOptions":{"locale":"pl","new":1e400},"n":12345678901234567890123}"#
            )
        );
    }

    #[test]
    fn merge_refuses_to_replace_what_the_body_has() {
        let merged = merge(
            r#"{"loginOptions":{"locale":"pl"}}"#,
            r#"{"loginOptions":{"locale":"en"}}"#,
        );
        assert!(merged.is_err_and(|message| message.contains("`loginOptions.locale`")));
    }
}
