//! The types of values in a document. Their `Debug` output shows no value.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::list::{collect, push};

/// A string. Borrowed from the document if it has no escape sequence.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct JsonString<'a>(pub(crate) Cow<'a, str>);

/// An array of strings.
#[derive(Clone, Debug)]
pub(crate) struct StringArray<'a>(pub(crate) Vec<JsonString<'a>>);

/// A string, or an array of strings.
pub(crate) struct StringOrArray<'a>(pub(crate) StringArray<'a>);

/// An object whose values are strings, in document order.
#[derive(Clone, Debug)]
pub(crate) struct StringMap<'a>(pub(crate) Vec<(JsonString<'a>, JsonString<'a>)>);

/// The integers from `min` to `max`.
#[derive(Clone, Copy)]
pub(crate) struct IntegerRange {
    min: u64,
    max: u64,
}

/// A duration in milliseconds: the longest one that can be set anywhere is a day.
pub(super) const MILLISECONDS: IntegerRange = IntegerRange::new(1, 86_400_000);

/// A duration in seconds, up to the largest `int32`, which is the type of the API.
pub(super) const SECONDS: IntegerRange = IntegerRange::new(0, 2_147_483_647);

/// The strings that are allowed.
#[derive(Clone, Copy)]
pub(crate) struct OneOf(pub(crate) &'static [&'static str]);

impl IntegerRange {
    pub(crate) const fn new(min: u64, max: u64) -> IntegerRange {
        IntegerRange { min, max }
    }

    /// The integer of the range that is nearest to a number.
    pub(crate) fn nearest(self, number: u128) -> u64 {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        number.clamp(self.min, self.max)
    }
}

/// The milliseconds of a duration, as far as they are allowed.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    MILLISECONDS.nearest(duration.as_millis())
}

/// The seconds of a duration, as far as they are allowed. A part of a second counts as a whole one: 0 would
/// stand for the default.
pub(super) fn seconds_rounded_up(duration: Duration) -> u64 {
    SECONDS.nearest(duration.as_nanos().div_ceil(1_000_000_000))
}

impl JsonString<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for JsonString<'a> {
    fn from(text: T) -> Self {
        JsonString(text.into())
    }
}

impl fmt::Debug for JsonString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonString<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;

        impl<'de> Visitor<'de> for Borrow {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text))
            }
        }

        deserializer.deserialize_str(Borrow).map(JsonString)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for StringArray<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<JsonString<'de>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of strings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                collect(seq)
            }
        }

        deserializer.deserialize_seq(Collect).map(StringArray)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for StringOrArray<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Vec<JsonString<'de>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(vec![JsonString(Cow::Borrowed(text))])
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![JsonString(Cow::Owned(text.to_owned()))])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                collect(seq)
            }
        }

        let list = deserializer.deserialize_any(Either)?;
        Ok(StringOrArray(StringArray(list)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for StringMap<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(JsonString<'de>, JsonString<'de>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose values are strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(JsonString<'de>, JsonString<'de>)> = Vec::new();
                let mut keys = HashSet::new();
                while let Some((key, value)) =
                    map.next_entry::<JsonString<'de>, JsonString<'de>>()?
                {
                    keys.try_reserve(1).map_err(A::Error::custom)?;
                    if !keys.insert(key.clone()) {
                        return Err(A::Error::custom("has a duplicate key: remove one"));
                    }
                    push(&mut entries, (key, value))?;
                }
                Ok(entries)
            }
        }

        deserializer.deserialize_map(Collect).map(StringMap)
    }
}

impl<'de> DeserializeSeed<'de> for IntegerRange {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_u64(self)
    }
}

impl Visitor<'_> for IntegerRange {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.min, self.max)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<u64, E> {
        if (self.min..=self.max).contains(&number) {
            Ok(number)
        } else {
            Err(E::invalid_value(Unexpected::Unsigned(number), &self))
        }
    }
}

impl<'de> DeserializeSeed<'de> for OneOf {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for OneOf {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<&'static str, E> {
        let allowed = self.0.iter().find(|allowed| **allowed == text);
        allowed
            .copied()
            .ok_or_else(|| E::unknown_variant(text, self.0))
    }
}

impl Serialize for JsonString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Serialize for StringArray<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl Serialize for StringMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up_and_fit_an_int32() {
        for (milliseconds, seconds) in [(0, 0), (1, 1), (1000, 1), (1001, 2)] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(seconds_rounded_up(duration), seconds);
        }
        assert_eq!(seconds_rounded_up(Duration::MAX), 2_147_483_647);
    }
}
