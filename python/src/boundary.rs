//! What every function of the module does at its edge: take text, catch a panic, raise an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// The text of a `str`; `refuse` makes the error for what is none, or holds half a surrogate pair.
pub(crate) fn text(
    value: &Bound<'_, PyAny>,
    refuse: fn(&'static str) -> Error,
) -> Result<String, Error> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| refuse("only text can be sent: pass a str"))?;
    match text.to_cow() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(refuse(
            "a text holds half of a surrogate pair, such as \\ud800: decode it without `surrogateescape` or `surrogatepass`",
        )),
    }
}

/// Runs a piece of core. pyo3 would turn a panic into a `BaseException`, which `except Exception` lets
/// through; here it becomes the error for a bug in the library. Core keeps no state that a panic could
/// leave half-written: what calls share is replaced as a whole.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::internal("running a Python call")))
}

/// The Python exception for an error: one of `descope_ml.errors`, made from the error document.
pub(crate) fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static FROM_DOCUMENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    FROM_DOCUMENT
        .import(py, "descope_ml.errors", "from_document")?
        .call1((error.to_json(),))
}

/// As [`exception`], to be raised.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}
