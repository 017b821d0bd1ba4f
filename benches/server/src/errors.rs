//! Error messages on stderr.

use std::error::Error;
use std::io::{self, Write};

/// Prints an error. Ignores a closed stderr.
pub(crate) fn print_error(error: &dyn Error) {
    let _ = writeln!(io::stderr(), "descope-ml-bench-server: {error}");
}
