//! Request documents as data: which keys a document has, of what kind each is, and what a caller
//! has set. One reader and one writer serve every operation.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::value::{Object, OneOrMany, Text, TextList, TextMap};
use crate::config::Millis;
use crate::error::Error;

/// Keys that steer a call and are never part of its body.
const CONTROL: [&str; 6] = [
    "projectId",
    "refreshToken",
    "sessionToken",
    "audience",
    "timeoutMs",
    "extra",
];

/// The keys of an object, in the API's order.
pub(crate) struct Record {
    pub(crate) names: &'static [&'static str],
    pub(crate) kinds: &'static [Kind],
    /// Those that a caller must give.
    pub(crate) needed: &'static [&'static str],
}

/// What the value of a key must be.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Bool,
    Texts,
    TextMap,
    TextOrTexts,
    /// Any object, passed on as it came.
    Object,
    Millis,
    Record(&'static Record),
    Records(&'static Record),
}

/// The value of a key.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    Text(Text<'a>),
    Bool(bool),
    Texts(TextList<'a>),
    TextMap(TextMap<'a>),
    Object(Object<'a>),
    Millis(Millis),
    Record(Fields<'a>),
    Records(Vec<Fields<'a>>),
}

/// What a caller has set of a record. `Debug` names the keys and shows no value.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    record: &'static Record,
    values: Vec<Option<Value<'a>>>,
}

/// Declares records: `NAME { "key": Kind, … } needs ["key", …];`.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($key:literal: $kind:expr,)* } needs [$($needed:literal),*];)*) => {
        $($(#[$doc])*
        pub(crate) static $name: $crate::document::Record = $crate::document::Record {
            names: &[$($key),*],
            kinds: &[$($kind),*],
            needed: &[$($needed),*],
        };
        // The reader marks the keys that it has seen by the bits of one number.
        const _: () = assert!($name.names.len() <= 64);)*
    };
}
pub(crate) use records;

impl<'a> Fields<'a> {
    /// Nothing set yet.
    pub(crate) fn new(record: &'static Record) -> Fields<'a> {
        Fields {
            record,
            values: record.names.iter().map(|_| None).collect(),
        }
    }

    /// Sets a key; one that the record does not have is a mistake of this crate, seen in every test.
    pub(crate) fn put(&mut self, name: &str, value: Value<'a>) {
        let place = self.record.place(name);
        debug_assert!(place.is_some(), "no key {name}");
        if let Some(slot) = place.and_then(|place| self.values.get_mut(place)) {
            *slot = Some(value);
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.values.get(self.record.place(name)?)?.as_ref()
    }

    /// The text under a key; a request without it is as good as one where it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.given_text(name).filter(|text| !text.is_empty())
    }

    /// The text under a key, also where it is empty.
    pub(crate) fn given_text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The text under a key that the record needs.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, Error> {
        let text = self.text(name);
        text.ok_or_else(|| Error::argument(format!("`{name}` is missing: the request needs it")))
    }

    pub(crate) fn texts(&self, name: &str) -> Option<&[Text<'a>]> {
        match self.get(name)? {
            Value::Texts(list) => Some(&list.0),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Object<'a>> {
        match self.get(name)? {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn record(&self, name: &str) -> Option<&Fields<'a>> {
        match self.get(name)? {
            Value::Record(fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn millis(&self, name: &str) -> Option<Millis> {
        match self.get(name)? {
            Value::Millis(millis) => Some(*millis),
            _ => None,
        }
    }

    /// The first needed key whose text is empty.
    pub(crate) fn empty_text(&self) -> Option<&'static str> {
        let mut needed = self.record.needed.iter().copied();
        needed.find(
            |name| matches!(self.get(name), Some(Value::Text(text)) if text.as_str().is_empty()),
        )
    }

    fn set(&self) -> impl Iterator<Item = (&'static str, &Value<'a>)> {
        let names = self.record.names.iter().copied();
        let values = names.zip(&self.values);
        values.filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

impl Record {
    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.set().map(|(name, _)| name))
            .finish()
    }
}

/// The body: what is set, less what steers the call.
impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.set().filter(|(name, _)| !CONTROL.contains(name)) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => text.serialize(serializer),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Texts(list) => list.serialize(serializer),
            Value::TextMap(map) => map.serialize(serializer),
            Value::Object(object) => object.serialize(serializer),
            Value::Millis(millis) => serializer.serialize_u64(millis.0),
            Value::Record(fields) => fields.serialize(serializer),
            Value::Records(list) => serializer.collect_seq(list),
        }
    }
}

impl<'de> DeserializeSeed<'de> for &'static Record {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(ReadRecord(self))
    }
}

/// Reads the members of an object.
struct ReadRecord(&'static Record);

impl<'de> Visitor<'de> for ReadRecord {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let record = self.0;
        let mut fields = Fields::new(record);
        let mut seen = 0u64;
        while let Some(place) = map.next_key_seed(ReadKey(record))? {
            let (Some(name), Some(kind), Some(slot)) = (
                record.names.get(place).copied(),
                record.kinds.get(place).copied(),
                fields.values.get_mut(place),
            ) else {
                return Err(A::Error::custom("has no such key"));
            };
            if seen & (1 << place) != 0 {
                return Err(A::Error::duplicate_field(name));
            }
            seen |= 1 << place;
            *slot = match record.needed.contains(&name) {
                true => Some(map.next_value_seed(kind)?),
                false => map.next_value_seed(OrNull(kind))?,
            };
        }
        match record.needed.iter().find(|name| fields.get(name).is_none()) {
            Some(name) => Err(A::Error::missing_field(name)),
            None => Ok(fields),
        }
    }
}

/// Reads a key; its place in the record.
struct ReadKey(&'static Record);

impl<'de> DeserializeSeed<'de> for ReadKey {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for ReadKey {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<usize, E> {
        let place = self.0.place(key);
        place.ok_or_else(|| E::unknown_field(key, self.0.names))
    }
}

impl<'de> DeserializeSeed<'de> for Kind {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value<'de>, D::Error> {
        use serde::Deserialize;
        Ok(match self {
            Kind::Text => Value::Text(Text::deserialize(d)?),
            Kind::Bool => Value::Bool(bool::deserialize(d)?),
            Kind::Texts => Value::Texts(TextList::deserialize(d)?),
            Kind::TextMap => Value::TextMap(TextMap::deserialize(d)?),
            Kind::TextOrTexts => Value::Texts(OneOrMany::deserialize(d)?.0),
            Kind::Object => Value::Object(Object::deserialize(d)?),
            Kind::Millis => Value::Millis(Millis::deserialize(d)?),
            Kind::Record(record) => Value::Record(record.deserialize(d)?),
            Kind::Records(record) => Value::Records(d.deserialize_seq(ReadRecords(record))?),
        })
    }
}

/// Reads an array of objects.
struct ReadRecords(&'static Record);

impl<'de> Visitor<'de> for ReadRecords {
    type Value = Vec<Fields<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(fields) = seq.next_element_seed(self.0)? {
            list.push(fields);
        }
        Ok(list)
    }
}

/// Reads a value, or null for one that is left out.
struct OrNull(Kind);

impl<'de> DeserializeSeed<'de> for OrNull {
    type Value = Option<Value<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OrNull {
    type Value = Option<Value<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}
