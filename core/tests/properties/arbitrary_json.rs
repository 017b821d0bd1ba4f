//! Generates random JSON, as text.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::test_json::{json_object, json_string};

/// Any number, including numbers that no numeric type of Rust can represent.
pub(crate) fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?"
}

/// Any value, nested a few levels deep.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        number(),
        any::<String>().prop_map(|text| json_string(&text)),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
            btree_map(any::<String>(), inner, 0..4).prop_map(json_object),
        ]
    })
}

/// Any object.
pub(crate) fn object() -> impl Strategy<Value = String> {
    btree_map(any::<String>(), value(), 0..4).prop_map(json_object)
}
