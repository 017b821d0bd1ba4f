//! Schemas of request documents: which keys an object may have, and of which type each value is.

use super::value::{IntegerRange, MILLISECONDS, OneOf, SECONDS};

/// The largest number of fields of a schema.
pub(super) const MAX_FIELDS: usize = 32;

/// The fields of an object, in the order of the API's documentation.
pub(crate) struct Schema {
    fields: &'static [Field],
    /// The names of the fields, as serde's errors need them. Filled up with empty strings.
    names: [&'static str; MAX_FIELDS],
    /// One bit for each field: whether it is required.
    required: u64,
}

/// One key of an object.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) field_type: FieldType,
    pub(crate) is_required: bool,
    /// Whether the field is part of the request body. The others control the call.
    pub(super) is_in_body: bool,
    /// Whether its texts must not contain control characters.
    pub(super) is_printable: bool,
}

/// The type of a value.
#[derive(Clone, Copy)]
pub(crate) enum FieldType {
    String,
    Bool,
    StringArray,
    StringMap,
    StringOrArray,
    /// Any object, passed on unchanged.
    AnyObject,
    Integer(IntegerRange),
    OneOf(OneOf),
    Object(&'static Schema),
    ObjectArray(&'static Schema),
}

/// The position of a field in a schema.
#[derive(Clone, Copy)]
pub(crate) struct FieldIndex(pub(super) usize);

impl FieldType {
    /// A duration in milliseconds, from 1 ms to one day.
    pub(crate) const MILLISECONDS: FieldType = FieldType::Integer(MILLISECONDS);
    /// A duration in seconds.
    pub(crate) const SECONDS: FieldType = FieldType::Integer(SECONDS);
}

impl Field {
    /// A field of the request body that a caller must set.
    pub(crate) const fn required(name: &'static str, field_type: FieldType) -> Field {
        Field::optional(name, field_type).and_required()
    }

    /// A field of the request body.
    pub(crate) const fn optional(name: &'static str, field_type: FieldType) -> Field {
        Field {
            name,
            field_type,
            is_required: false,
            is_in_body: true,
            is_printable: false,
        }
    }

    /// A field that controls the call and is not part of the request body.
    pub(crate) const fn control(name: &'static str, field_type: FieldType) -> Field {
        let mut field = Field::optional(name, field_type);
        field.is_in_body = false;
        field
    }

    /// The same field, whose texts must not contain control characters: a login ID, a token or a URL. In such
    /// texts they come from a mistake, or from an attack on whoever reads them.
    pub(crate) const fn printable(mut self) -> Field {
        self.is_printable = true;
        self
    }

    /// The same field, required.
    pub(crate) const fn and_required(mut self) -> Field {
        self.is_required = true;
        self
    }
}

impl Schema {
    pub(crate) const fn new(fields: &'static [Field]) -> Schema {
        assert!(fields.len() <= MAX_FIELDS, "raise MAX_FIELDS");
        let mut names = [""; MAX_FIELDS];
        let mut required = 0;
        let mut index = 0;
        while index < fields.len() {
            names[index] = fields[index].name;
            required |= (fields[index].is_required as u64) << index;
            index += 1;
        }
        Schema {
            fields,
            names,
            required,
        }
    }

    /// The position of a field. Evaluated in a constant, a name that does not exist is a compile error.
    #[allow(
        clippy::panic,
        reason = "callers pass literals: a wrong one fails the build or a test"
    )]
    pub(crate) const fn field(&self, name: &str) -> FieldIndex {
        let mut index = 0;
        while index < self.fields.len() {
            if is_equal(self.fields[index].name, name) {
                return FieldIndex(index);
            }
            index += 1;
        }
        panic!("the schema has no such field");
    }

    /// Like [`Schema::field`], for a name that is only known at run time.
    pub(super) fn find(&self, name: &str) -> Option<FieldIndex> {
        let index = self.fields.iter().position(|field| field.name == name);
        index.map(FieldIndex)
    }

    /// The first required field that an object lacks. `present` has one bit for each field.
    pub(super) fn missing_field(&self, present: u64) -> Option<&'static Field> {
        let missing = self.required & !present;
        self.fields.get(missing.trailing_zeros() as usize)
    }

    pub(crate) fn fields(&self) -> &'static [Field] {
        self.fields
    }

    pub(super) fn names(&'static self) -> &'static [&'static str] {
        self.names.get(..self.fields.len()).unwrap_or_default()
    }
}

/// `==` for strings in constants.
const fn is_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}
