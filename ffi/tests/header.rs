//! include/descope_ml.h is up to date. With DESCOPE_ML_UPDATE set, the test writes it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

const UPDATE: &str = "DESCOPE_ML_UPDATE";

/// The header, generated from the current source.
fn generate() -> String {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let preamble = std::fs::read_to_string(crate_folder.join("preamble.h")).unwrap();
    let mut config = cbindgen::Config::from_file(crate_folder.join("cbindgen.toml")).unwrap();
    config.header = Some(preamble.replace("@VERSION@", env!("CARGO_PKG_VERSION")));
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_crate(crate_folder)
        .generate()
        .unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).unwrap()
}

#[test]
fn the_committed_header_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/descope_ml.h");
    let generated = generate();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/descope_ml.h differs from the source: run `make update-snapshots`, look at the \
         difference and commit it"
    );
}

#[test]
fn every_exported_function_is_documented() {
    let header = generate();
    let lines: Vec<&str> = header.lines().collect();
    let mut functions = 0;
    for pair in lines.windows(2) {
        let declares_function =
            |line: &str| line.starts_with(char::is_alphabetic) && line.contains('(');
        if declares_function(pair[1]) {
            functions += 1;
            assert_eq!(pair[0], " */", "undocumented: {}", pair[1]);
        }
    }
    assert!(functions >= 13, "only {functions} functions were found");
    assert!(
        header.is_ascii(),
        "the header must be ASCII for old compilers"
    );
}
