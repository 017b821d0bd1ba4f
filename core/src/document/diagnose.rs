//! Says why a document could not be read: the field by its path, what it must be, the nearest name.
//!
//! The same `Deserialize` implementations run once more over the raw text, with an error type that
//! keeps what serde reports (an unknown field, a missing one, another type) instead of flattening it
//! into a sentence that quotes the value.

use std::fmt;

use serde::de::Visitor;
use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, Expected, Unexpected};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;

use super::members::Members;
use super::shown;
use super::value::Text;

/// Why `json` cannot be read by this seed: one sentence that names the field and what to do.
pub(super) fn explain<'a>(seed: impl DeserializeSeed<'a>, json: &'a str, what: &str) -> String {
    let raw = match serde_json::from_str::<&RawValue>(json) {
        Ok(raw) => raw,
        Err(_) if json.trim().is_empty() => {
            return format!("{what} is empty: it must be a JSON object");
        }
        Err(e) => return format!("{what} is not valid JSON: {e}"),
    };
    if !raw.get().starts_with('{') {
        let kind = kind_of(raw.get());
        return format!("{what} must be a JSON object, not {kind}");
    }
    match seed.deserialize(Node(raw)) {
        Err(problem) => problem.sentence(what),
        Ok(_) => format!("{what} cannot be read: check it for keys that are given twice"),
    }
}

/// What was wrong, and where.
#[derive(Debug)]
struct Problem {
    path: Vec<String>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Must {
        expected: String,
        found: &'static str,
    },
    Unknown {
        key: String,
        known: &'static [&'static str],
    },
    Missing(&'static str),
    Twice(&'static str),
    Other(String),
}

impl Problem {
    fn new(kind: Kind) -> Problem {
        Problem {
            path: Vec::new(),
            kind,
        }
    }

    fn under(mut self, key: &str) -> Problem {
        self.path.insert(0, shown(key));
        self
    }

    /// The full name of a member of the object where the problem lies.
    fn member(&self, key: &str) -> String {
        let mut path = self.path.clone();
        path.push(shown(key));
        dotted(&path)
    }

    fn sentence(&self, what: &str) -> String {
        let here = dotted(&self.path);
        match &self.kind {
            Kind::Must { expected, found } => format!("`{here}` must be {expected}, not {found}"),
            Kind::Unknown { key, known } => {
                let name = self.member(key);
                match nearest(key, known) {
                    Some(near) => {
                        format!("`{name}`: did you mean `{near}`? {what} has no such key")
                    }
                    None => format!(
                        "`{name}` is not a key of {what}; the keys here are {}",
                        known.join(", ")
                    ),
                }
            }
            Kind::Missing(key) => {
                format!("`{}` is missing: {what} needs it", self.member(key))
            }
            Kind::Twice(key) => {
                format!("`{}` is given twice: keep one of them", self.member(key))
            }
            Kind::Other(message) => format!("`{here}` {message}"),
        }
    }
}

/// A path as messages show it: `loginOptions.revokeOtherSessionsTypes[1]`.
fn dotted(path: &[String]) -> String {
    path.join(".").replace(".[", "[")
}

/// The known key that the caller most likely meant.
fn nearest(key: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let lower = shown(key).to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (near, best) = known
        .iter()
        .map(|name| (*name, distance(name)))
        .min_by_key(|(_, distance)| *distance)?;
    (best <= near.len().div_ceil(3)).then_some(near)
}

/// What a JSON text is, in words.
fn kind_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence("the document"))
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::new(Kind::Other(message.to_string()))
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
        Problem::new(Kind::Must {
            expected: expected.to_string(),
            found,
        })
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match unexpected {
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => {
                "a number outside that range"
            }
            _ => "this value",
        };
        Problem::new(Kind::Must {
            expected: expected.to_string(),
            found,
        })
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        let expected = format!("one of {}", known.join(", "));
        Problem::new(Kind::Must {
            expected,
            found: "another string",
        })
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Problem::new(Kind::Unknown {
            key: key.to_owned(),
            known,
        })
    }

    fn missing_field(key: &'static str) -> Self {
        Problem::new(Kind::Missing(key))
    }

    fn duplicate_field(key: &'static str) -> Self {
        Problem::new(Kind::Twice(key))
    }
}

/// A deserializer over one raw value.
#[derive(Clone, Copy)]
struct Node<'de>(&'de RawValue);

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let json = self.0.get();
        match json.as_bytes().first() {
            Some(b'{') => match Members::of(self.0) {
                Some(members) => visitor.visit_map(Entries {
                    rest: members.0.into_iter(),
                    value: None,
                }),
                None => Err(de::Error::custom("has a key with a broken \\u escape")),
            },
            Some(b'[') => {
                let items: Vec<&'de RawValue> = serde_json::from_str(json).unwrap_or_default();
                visitor.visit_seq(Items { items, next: 0 })
            }
            Some(b'"') => match serde_json::from_str::<Text<'de>>(json) {
                Ok(Text(std::borrow::Cow::Borrowed(text))) => visitor.visit_borrowed_str(text),
                Ok(Text(std::borrow::Cow::Owned(text))) => visitor.visit_string(text),
                Err(_) => Err(de::Error::custom("has a broken \\u escape")),
            },
            Some(b't') => visitor.visit_bool(true),
            Some(b'f') => visitor.visit_bool(false),
            Some(b'n') => visitor.visit_unit(),
            _ => match (json.parse::<u64>(), json.parse::<i64>()) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => visitor.visit_f64(json.parse().unwrap_or(f64::NAN)),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0.get() {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// Raw values ask for themselves under a name that only serde_json knows.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.0
            .deserialize_newtype_struct(name, visitor)
            .map_err(|_| de::Error::custom("cannot be read"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match serde_json::from_str::<Text<'de>>(self.0.get()) {
            Ok(text) => visitor.visit_enum(StringDeserializer::new(text.0.into_owned())),
            Err(_) => Err(Problem::new(Kind::Must {
                expected: "a string".to_owned(),
                found: kind_of(self.0.get()),
            })),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The items of an array, each problem put under its place.
struct Items<'de> {
    items: Vec<&'de RawValue>,
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Problem> {
        let place = self.next;
        let Some(item) = self.items.get(place) else {
            return Ok(None);
        };
        self.next += 1;
        let item = seed.deserialize(Node(item));
        item.map(Some).map_err(|p| p.under(&format!("[{place}]")))
    }
}

/// The members of an object, each problem put under its key.
struct Entries<'de> {
    rest: std::vec::IntoIter<(std::borrow::Cow<'de, str>, std::borrow::Cow<'de, RawValue>)>,
    value: Option<(String, &'de RawValue)>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
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

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        match self.value.take() {
            Some((key, value)) => seed.deserialize(Node(value)).map_err(|p| p.under(&key)),
            None => Err(de::Error::custom("has no value")),
        }
    }
}
