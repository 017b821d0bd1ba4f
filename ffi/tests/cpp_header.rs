//! The generated C++ headers are up to date. With DESCOPE_ML_UPDATE set, the test writes them.
//!
//! Which operations there are and which fields their requests have comes from core's table; names,
//! comments and responses come from the source of the Rust API.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic: the source is not as the generator expects it"
)]

#[path = "cpp_header/calls.rs"]
mod calls;
#[path = "cpp_header/model.rs"]
mod model;
#[path = "cpp_header/responses.rs"]
mod responses;
#[path = "cpp_header/rust_source.rs"]
mod rust_source;
#[path = "cpp_header/text.rs"]
mod text;
#[path = "cpp_header/types.rs"]
mod types;

use std::path::Path;

use model::Model;

const UPDATE: &str = "DESCOPE_ML_UPDATE";

fn compare(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../include")
        .join(name);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/{name} differs from the source: run `make headers`, look at the difference and \
         commit it"
    );
}

#[test]
fn the_committed_types_and_calls_are_up_to_date() {
    let model = Model::read();
    let parts = [
        types::generate(&model),
        responses::generate(&model),
        calls::generate(&model),
    ];
    compare(
        "descope_ml_operations.hpp",
        &text::header("DESCOPE_ML_OPERATIONS_HPP", "descope_ml.hpp", &parts),
    );
}

#[test]
fn the_committed_calls_of_a_queue_are_up_to_date() {
    let model = Model::read();
    compare(
        "descope_ml_queue_operations.hpp",
        &text::header(
            "DESCOPE_ML_QUEUE_OPERATIONS_HPP",
            "descope_ml_queue.hpp",
            &[calls::generate_queue(&model)],
        ),
    );
}
