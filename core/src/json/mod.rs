//! JSON documents: typed parsing with errors that name the field, JSON pointers, merging.

mod any_object;
mod deserialize;
mod escape;
mod field_error;
mod limits;
mod list;
mod merge;
mod object;
mod parse;
mod pointer;
mod raw_object;
mod schema;
mod value;
mod write;

pub use limits::MAX_TEXT_BYTES;
pub(crate) use limits::check_size;
pub(crate) use list::RawArray;
pub(crate) use merge::merge;
pub(crate) use object::{Object, Value};
pub(crate) use parse::{
    find_raw, parse_object, parse_raw, string_members, string_or_array, without_byte_order_mark,
    wrap_array,
};
pub use pointer::{get, put, set};
pub(crate) use raw_object::{RawObject, as_string};
pub(crate) use schema::{Field, FieldIndex, FieldType, Schema};
pub(crate) use value::{IntegerRange, JsonString, OneOf, StringArray};
pub(crate) use write::{raw_value, to_json, to_json_bytes, to_raw_json};
