//! Explains why a document is invalid: the path of the field, the expected type, the nearest name.
//!
//! The same `Deserialize` implementations run again on the raw text, with an error type that keeps
//! what serde reports (unknown key, missing field, wrong type). serde_json's own errors would quote
//! the value.

use std::fmt;

use serde::de::Visitor;
use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Expected, Unexpected};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use super::escape::escaped;
use super::raw_object::RawObject;
use super::schema::Schema;
use super::value::JsonString;

/// Explains why `json` is invalid: one sentence that names the field and says what to do.
pub(super) fn explain(schema: &'static Schema, json: &str, what: &str) -> String {
    let raw = match serde_json::from_str::<&RawValue>(json) {
        Ok(raw) => raw,
        Err(_) if json.trim().is_empty() => {
            return format!("{what} is empty: it must be a JSON object");
        }
        Err(e) => return format!("{what} is not valid JSON: {e}"),
    };
    if !raw.get().starts_with('{') {
        let found = type_name(raw.get());
        return format!("{what} must be a JSON object, not {found}");
    }
    match schema.deserialize(RawDeserializer(raw)) {
        Err(error) => error.message(what),
        Ok(_) => format!("{what} is invalid: check it for duplicate keys"),
    }
}

/// What is wrong, and in which field.
#[derive(Debug)]
struct FieldError {
    path: Vec<String>,
    kind: FieldErrorKind,
}

#[derive(Debug)]
enum FieldErrorKind {
    WrongType {
        expected: String,
        /// The type of the value. `None` if the type is right and the value is not allowed.
        found: Option<&'static str>,
    },
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    Missing(&'static str),
    Duplicate(&'static str),
    Other(String),
}

impl FieldError {
    fn new(kind: FieldErrorKind) -> FieldError {
        FieldError {
            path: Vec::new(),
            kind,
        }
    }

    fn in_field(mut self, key: &str) -> FieldError {
        self.path.insert(0, escaped(key));
        self
    }

    /// The path of a member of the object that is invalid.
    fn member(&self, key: &str) -> String {
        let mut path = self.path.clone();
        path.push(escaped(key));
        join_path(&path)
    }

    fn message(&self, what: &str) -> String {
        let here = join_path(&self.path);
        match &self.kind {
            FieldErrorKind::WrongType {
                expected,
                found: Some(found),
            } => format!("`{here}` must be {expected}, not {found}"),
            FieldErrorKind::WrongType {
                expected,
                found: None,
            } => format!("`{here}` must be {expected}"),
            FieldErrorKind::UnknownKey { key, known } => {
                let name = self.member(key);
                match nearest(key, known) {
                    Some(near) => {
                        format!("unknown key `{name}` in {what}: did you mean `{near}`?")
                    }
                    None => format!(
                        "unknown key `{name}` in {what}; allowed keys: {}",
                        known.join(", ")
                    ),
                }
            }
            FieldErrorKind::Missing(key) => {
                format!("`{}` is required", self.member(key))
            }
            FieldErrorKind::Duplicate(key) => {
                format!("duplicate key `{}`: remove one", self.member(key))
            }
            FieldErrorKind::Other(message) if here.is_empty() => format!("{what} {message}"),
            FieldErrorKind::Other(message) => format!("`{here}` {message}"),
        }
    }
}

/// A path in messages: `loginOptions.revokeOtherSessionsTypes[1]`.
fn join_path(path: &[String]) -> String {
    path.join(".").replace(".[", "[")
}

/// The known key that the caller most likely meant, if one is near enough.
fn nearest(key: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let lower = escaped(key).to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (near, best) = known
        .iter()
        .map(|name| (*name, distance(name)))
        .min_by_key(|(_, distance)| *distance)?;
    (best <= near.len().div_ceil(3)).then_some(near)
}

/// The type of a JSON text, in words.
fn type_name(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message("the document"))
    }
}

impl std::error::Error for FieldError {}

impl de::Error for FieldError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        FieldError::new(FieldErrorKind::Other(message.to_string()))
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match unexpected {
            Unexpected::Bool(_) => "a boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Str(_) | Unexpected::Char(_) | Unexpected::Bytes(_) => "a string",
            Unexpected::Unit | Unexpected::Option => "null",
            Unexpected::Seq => "an array",
            Unexpected::Map => "an object",
            _ => "something else",
        };
        FieldError::new(FieldErrorKind::WrongType {
            expected: expected.to_string(),
            found: Some(found),
        })
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        FieldError::new(FieldErrorKind::WrongType {
            expected: expected.to_string(),
            found: None,
        })
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        let expected = format!("one of {}", known.join(", "));
        FieldError::new(FieldErrorKind::WrongType {
            expected,
            found: None,
        })
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        FieldError::new(FieldErrorKind::UnknownKey {
            key: key.to_owned(),
            known,
        })
    }

    fn missing_field(key: &'static str) -> Self {
        FieldError::new(FieldErrorKind::Missing(key))
    }

    fn duplicate_field(key: &'static str) -> Self {
        FieldError::new(FieldErrorKind::Duplicate(key))
    }
}

/// A deserializer over one raw value.
#[derive(Clone, Copy)]
struct RawDeserializer<'de>(&'de RawValue);

impl<'de> Deserializer<'de> for RawDeserializer<'de> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let json = self.0.get();
        match json.as_bytes().first() {
            Some(b'{') => match RawObject::from_raw(self.0) {
                Some(members) => visitor.visit_map(RawMembers {
                    rest: members.0.into_iter(),
                    value: None,
                }),
                None => Err(de::Error::custom("has a key with an invalid \\u escape")),
            },
            Some(b'[') => {
                let items: Vec<&'de RawValue> = serde_json::from_str(json).unwrap_or_default();
                visitor.visit_seq(RawArray { items, next: 0 })
            }
            Some(b'"') => match serde_json::from_str::<JsonString<'de>>(json) {
                Ok(JsonString(std::borrow::Cow::Borrowed(text))) => {
                    visitor.visit_borrowed_str(text)
                }
                Ok(JsonString(std::borrow::Cow::Owned(text))) => visitor.visit_string(text),
                Err(_) => Err(de::Error::custom("has an invalid \\u escape")),
            },
            Some(b't') => visitor.visit_bool(true),
            Some(b'f') => visitor.visit_bool(false),
            Some(b'n') => visitor.visit_unit(),
            _ => match (json.parse::<u64>(), json.parse::<i64>()) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => visitor.visit_f64(serde_json::from_str(json).unwrap_or(f64::NAN)),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.0.get() {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// serde_json deserializes raw values through a newtype with a private name.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.0
            .deserialize_newtype_struct(name, visitor)
            .map_err(|_| de::Error::custom("is invalid"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The items of an array. Adds the index to the path of each error.
struct RawArray<'de> {
    items: Vec<&'de RawValue>,
    next: usize,
}

impl<'de> de::SeqAccess<'de> for RawArray<'de> {
    type Error = FieldError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, FieldError> {
        let index = self.next;
        let Some(item) = self.items.get(index) else {
            return Ok(None);
        };
        self.next += 1;
        let item = seed.deserialize(RawDeserializer(item));
        item.map(Some)
            .map_err(|error| error.in_field(&format!("[{index}]")))
    }
}

/// The members of an object. Adds the key to the path of each error.
struct RawMembers<'de> {
    rest: std::vec::IntoIter<(std::borrow::Cow<'de, str>, std::borrow::Cow<'de, RawValue>)>,
    value: Option<(String, &'de RawValue)>,
}

impl<'de> de::MapAccess<'de> for RawMembers<'de> {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, FieldError> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        if let std::borrow::Cow::Borrowed(value) = value {
            self.value = Some((key.clone().into_owned(), value));
        }
        match key {
            std::borrow::Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            std::borrow::Cow::Owned(key) => seed.deserialize(StringDeserializer::new(key)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, FieldError> {
        match self.value.take() {
            Some((key, value)) => seed
                .deserialize(RawDeserializer(value))
                .map_err(|error| error.in_field(&key)),
            None => Err(de::Error::custom("has no value")),
        }
    }
}
