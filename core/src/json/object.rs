//! Objects of a schema: the fields that a caller has set, with typed access and serialization.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::any_object::AnyObject;
use super::schema::{FieldIndex, Schema};
use super::value::{JsonString, StringArray, StringMap, milliseconds, seconds_rounded_up};
use crate::error::Error;

/// An object of a schema. `Debug` shows the keys and no value.
#[derive(Clone)]
pub(crate) struct Object<'a> {
    schema: &'static Schema,
    /// One for each field of the schema.
    values: Vec<Option<Value<'a>>>,
    /// Whether a text that must be printable has other bytes than printable ASCII. Noted when it is set: most
    /// objects have few of their fields, and this saves looking through all.
    may_be_unprintable: bool,
}

/// The value of a field.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    String(JsonString<'a>),
    Bool(bool),
    StringArray(StringArray<'a>),
    StringMap(StringMap<'a>),
    AnyObject(AnyObject<'a>),
    Integer(u64),
    Object(Object<'a>),
    ObjectArray(Vec<Object<'a>>),
}

impl<'a> Object<'a> {
    /// An object without a value.
    pub(crate) fn new(schema: &'static Schema) -> Object<'a> {
        Object {
            schema,
            values: schema.fields().iter().map(|_| None).collect(),
            may_be_unprintable: false,
        }
    }

    /// Sets a field.
    pub(crate) fn set(&mut self, FieldIndex(index): FieldIndex, value: Value<'a>) {
        let field = self.schema.fields().get(index);
        if let (Some(field), Some(slot)) = (field, self.values.get_mut(index)) {
            self.may_be_unprintable |= match &value {
                Value::Object(object) => object.may_be_unprintable,
                value => field.is_printable && !value.is_printable_ascii(),
            };
            *slot = Some(value);
        }
    }

    /// The same object with a field set.
    pub(crate) fn with(mut self, field: FieldIndex, value: Value<'a>) -> Object<'a> {
        self.set(field, value);
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        let index = self.schema.find(name)?;
        self.values.get(index.0)?.as_ref()
    }

    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::String(string) => Some(string.as_str()),
            _ => None,
        }
    }

    /// Like [`Object::string`], but `None` for an empty string as well.
    pub(crate) fn non_empty_string(&self, name: &str) -> Option<&str> {
        self.string(name).filter(|string| !string.is_empty())
    }

    /// Like [`Object::non_empty_string`], for a field that the call cannot do without.
    pub(crate) fn required_string(&self, name: &str) -> Result<&str, Error> {
        let string = self.non_empty_string(name);
        string.ok_or_else(|| Error::argument(format!("`{name}` is required")))
    }

    pub(crate) fn string_array(&self, name: &str) -> Option<&[JsonString<'a>]> {
        match self.get(name)? {
            Value::StringArray(array) => Some(&array.0),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }

    pub(crate) fn any_object(&self, name: &str) -> Option<&AnyObject<'a>> {
        match self.get(name)? {
            Value::AnyObject(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Object<'a>> {
        match self.get(name)? {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A number of milliseconds.
    pub(crate) fn duration(&self, name: &str) -> Option<Duration> {
        self.integer(name).map(Duration::from_millis)
    }

    /// The first required field that is an empty string.
    pub(crate) fn empty_required_field(&self) -> Option<&'static str> {
        let is_empty = |value: &Option<Value<'_>>| match value {
            Some(Value::String(string)) => string.as_str().is_empty(),
            _ => false,
        };
        let mut fields = self.schema.fields().iter().zip(&self.values);
        let found = fields.find(|(field, value)| field.is_required && is_empty(value))?;
        Some(found.0.name)
    }

    /// The path of the first text with a control character that must not have one.
    pub(crate) fn unprintable_field(&self) -> Option<String> {
        if !self.may_be_unprintable {
            return None;
        }
        let fields = self.schema.fields().iter().zip(&self.values);
        fields
            .filter_map(|(field, value)| Some((field, value.as_ref()?)))
            .find_map(|(field, value)| match value {
                Value::Object(object) => {
                    let inner = object.unprintable_field()?;
                    Some(format!("{}.{inner}", field.name))
                }
                _ => (field.is_printable && value.has_control_character())
                    .then(|| field.name.to_owned()),
            })
    }
}

impl<'a> Value<'a> {
    pub(crate) fn string(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::String(JsonString(text.into()))
    }

    pub(crate) fn string_array<T: Into<Cow<'a, str>>>(
        items: impl IntoIterator<Item = T>,
    ) -> Value<'a> {
        let items = items.into_iter().map(|item| JsonString(item.into()));
        Value::StringArray(StringArray(items.collect()))
    }

    pub(crate) fn string_map<K: Into<Cow<'a, str>>, V: Into<Cow<'a, str>>>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Value<'a> {
        let entries = entries.into_iter();
        let entries =
            entries.map(|(key, value)| (JsonString(key.into()), JsonString(value.into())));
        Value::StringMap(StringMap(entries.collect()))
    }

    pub(crate) fn duration(duration: Duration) -> Value<'a> {
        Value::Integer(milliseconds(duration))
    }

    pub(crate) fn seconds(duration: Duration) -> Value<'a> {
        Value::Integer(seconds_rounded_up(duration))
    }

    fn has_control_character(&self) -> bool {
        !self.all_texts(|text| !text.contains(char::is_control))
    }

    /// Whether the texts have no other bytes, so no control character.
    fn is_printable_ascii(&self) -> bool {
        // Every byte is looked at, which the compiler turns into vector instructions.
        let also = |all: bool, byte: u8| all & matches!(byte, b' '..=b'~');
        self.all_texts(|text| text.bytes().fold(true, also))
    }

    /// Whether the test is true for the string, or for each one of an array.
    fn all_texts(&self, test: impl Fn(&str) -> bool) -> bool {
        match self {
            Value::String(text) => test(text.as_str()),
            Value::StringArray(array) => array.0.iter().all(|text| test(text.as_str())),
            _ => true,
        }
    }

    /// # Errors
    ///
    /// [`Error::Argument`] unless `json` is a JSON object; `name` is the field in the message.
    pub(crate) fn any_object(name: &str, json: &'a str) -> Result<Value<'a>, Error> {
        AnyObject::parse(json)
            .map(Value::AnyObject)
            .map_err(|_| Error::argument(format!("`{name}` must contain a JSON object")))
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.schema.fields().iter().zip(&self.values);
        let present = fields.filter(|(_, value)| value.is_some());
        f.debug_set()
            .entries(present.map(|(field, _)| field.name))
            .finish()
    }
}

/// Writes the request body: the fields that are set, without those that control the call.
impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (field, value) in self.schema.fields().iter().zip(&self.values) {
            if let Some(value) = value.as_ref().filter(|_| field.is_in_body) {
                map.serialize_entry(field.name, value)?;
            }
        }
        map.end()
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::String(string) => string.serialize(serializer),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::StringArray(array) => array.serialize(serializer),
            Value::StringMap(map) => map.serialize(serializer),
            Value::AnyObject(object) => object.serialize(serializer),
            Value::Integer(number) => serializer.serialize_u64(*number),
            Value::Object(object) => object.serialize(serializer),
            Value::ObjectArray(array) => serializer.collect_seq(array),
        }
    }
}
