//! The operations and the configuration as public data, for generators of bindings. Only with the feature `table`, which no
//! shipped library has.

use crate::config::SCHEMA as CONFIG;
use crate::json::{self, Schema};
use crate::operations::OPERATIONS;

/// An operation.
pub struct Operation {
    /// The name, such as `magiclink/signin/sms`.
    pub name: &'static str,
    /// The fields of the request, in the order of the API's documentation.
    pub fields: Vec<Field>,
}

/// A field of a request, or of an object in it.
pub struct Field {
    /// The key in JSON.
    pub key: &'static str,
    /// Whether the caller must set it.
    pub is_required: bool,
    /// The type of its value.
    pub field_type: FieldType,
}

/// The type of a value.
pub enum FieldType {
    /// A string.
    String,
    /// True or false.
    Bool,
    /// An array of strings.
    StringArray,
    /// An object whose values are strings.
    StringMap,
    /// A string or an array of strings.
    StringOrArray,
    /// Any object.
    AnyObject,
    /// A whole number that is not a time.
    Integer,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A time in milliseconds.
    Milliseconds,
    /// A time in seconds.
    Seconds,
    /// An object with these fields.
    Object(Vec<Field>),
    /// An array of objects with these fields.
    ObjectArray(Vec<Field>),
}

/// All operations, in the order of `OPERATIONS`.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let describe = |operation: &&crate::operations::Operation| Operation {
        name: operation.name,
        fields: describe_fields(operation.schema),
    };
    OPERATIONS.iter().map(describe).collect()
}

/// The fields of the configuration.
#[must_use]
pub fn config() -> Vec<Field> {
    describe_fields(&CONFIG)
}

fn describe_fields(schema: &'static Schema) -> Vec<Field> {
    let describe = |field: &json::Field| Field {
        key: field.name,
        is_required: field.is_required,
        field_type: describe_type(field.name, field.field_type),
    };
    schema.fields().iter().map(describe).collect()
}

fn describe_type(key: &str, field_type: json::FieldType) -> FieldType {
    match field_type {
        json::FieldType::String => FieldType::String,
        json::FieldType::Bool => FieldType::Bool,
        json::FieldType::StringArray => FieldType::StringArray,
        json::FieldType::StringMap => FieldType::StringMap,
        json::FieldType::StringOrArray => FieldType::StringOrArray,
        json::FieldType::AnyObject => FieldType::AnyObject,
        // The keys name their units. `timeout`, of embedded links, is the API's own.
        json::FieldType::Integer(_) if key.ends_with("Ms") => FieldType::Milliseconds,
        json::FieldType::Integer(_) if key.ends_with("Seconds") || key == "timeout" => {
            FieldType::Seconds
        }
        json::FieldType::Integer(_) => FieldType::Integer,
        json::FieldType::OneOf(one_of) => FieldType::OneOf(one_of.0),
        json::FieldType::Object(schema) => FieldType::Object(describe_fields(schema)),
        json::FieldType::ObjectArray(schema) => FieldType::ObjectArray(describe_fields(schema)),
    }
}
