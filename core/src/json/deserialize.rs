//! Deserializes an object by its schema.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::any_object::AnyObject;
use super::list::push;
use super::object::{Object, Value};
use super::schema::{FieldIndex, FieldType, MAX_FIELDS, Schema};
use super::value::{JsonString, StringArray, StringMap, StringOrArray};

impl<'de> DeserializeSeed<'de> for &'static Schema {
    type Value = Object<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Object<'de>, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(self))
    }
}

struct ObjectVisitor(&'static Schema);

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut object = Object::new(self.0);
        // One bit for each field. A field that is null has been seen, but has no value.
        let mut seen = 0u64;
        // A shift by more bits would panic, or take one field for another.
        const _: () = assert!(MAX_FIELDS <= u64::BITS as usize);
        while let Some(index) = map.next_key_seed(KeyVisitor(self.0))? {
            let Some(field) = self.0.fields().get(index.0) else {
                return Err(A::Error::custom("has an unknown key"));
            };
            if seen & (1 << index.0) != 0 {
                return Err(A::Error::duplicate_field(field.name));
            }
            seen |= 1 << index.0;
            let value = if field.is_required {
                Some(map.next_value_seed(field.field_type)?)
            } else {
                map.next_value_seed(Nullable(field.field_type))?
            };
            if let Some(value) = value {
                object.set(index, value);
            }
        }
        // A required field that was seen has a value, since it must not be null.
        match self.0.missing_field(seen) {
            Some(field) => Err(A::Error::missing_field(field.name)),
            None => Ok(object),
        }
    }
}

/// Parses a key into the position of its field.
struct KeyVisitor(&'static Schema);

impl<'de> DeserializeSeed<'de> for KeyVisitor {
    type Value = FieldIndex;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<FieldIndex, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyVisitor {
    type Value = FieldIndex;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<FieldIndex, E> {
        let index = self.0.find(key);
        index.ok_or_else(|| E::unknown_field(key, self.0.names()))
    }
}

impl<'de> DeserializeSeed<'de> for FieldType {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value<'de>, D::Error> {
        Ok(match self {
            FieldType::String => Value::String(JsonString::deserialize(d)?),
            FieldType::Bool => Value::Bool(bool::deserialize(d)?),
            FieldType::StringArray => Value::StringArray(StringArray::deserialize(d)?),
            FieldType::StringMap => Value::StringMap(StringMap::deserialize(d)?),
            FieldType::StringOrArray => Value::StringArray(StringOrArray::deserialize(d)?.0),
            FieldType::AnyObject => Value::AnyObject(AnyObject::deserialize(d)?),
            FieldType::Integer(range) => Value::Integer(range.deserialize(d)?),
            FieldType::OneOf(allowed) => Value::string(allowed.deserialize(d)?),
            FieldType::Object(schema) => Value::Object(schema.deserialize(d)?),
            FieldType::ObjectArray(schema) => {
                Value::ObjectArray(d.deserialize_seq(ObjectArrayVisitor(schema))?)
            }
        })
    }
}

struct ObjectArrayVisitor(&'static Schema);

impl<'de> Visitor<'de> for ObjectArrayVisitor {
    type Value = Vec<Object<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(object) = seq.next_element_seed(self.0)? {
            push(&mut list, object)?;
        }
        Ok(list)
    }
}

/// A value, or null for a field that is not set.
struct Nullable(FieldType);

impl<'de> DeserializeSeed<'de> for Nullable {
    type Value = Option<Value<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Nullable {
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
