//! The committed header is what the source says it is. With DESCOPE_ML_BLESS=1 it is written anew.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

const BLESS: &str = "DESCOPE_ML_BLESS";

/// The header as the source has it now.
fn written() -> String {
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
fn the_committed_header_is_what_the_source_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/descope_ml.h");
    let written = written();
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == written,
        "include/descope_ml.h is not what the source says: look at the change, then run \
         `{BLESS}=1 cargo test -p descope-ml --test header` and commit it"
    );
}

#[test]
fn every_exported_function_is_documented_for_the_c_reader() {
    let header = written();
    let lines: Vec<&str> = header.lines().collect();
    let mut functions = 0;
    for pair in lines.windows(2) {
        let declares = |line: &str| line.starts_with(char::is_alphabetic) && line.contains('(');
        if declares(pair[1]) {
            functions += 1;
            assert_eq!(pair[0], " */", "undocumented: {}", pair[1]);
        }
    }
    assert!(functions >= 13, "{functions} functions were found");
    assert!(header.is_ascii(), "legacy compilers read ASCII");
}
