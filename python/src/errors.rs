//! Errors and panics of the Rust side become Python exceptions: those of `descope_ml.errors`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Runs code of core and turns a panic into the error for a bug in the library. Without this, pyo3 would
/// raise a `BaseException`, which `except Exception` does not catch. It is safe to go on after a panic:
/// core replaces shared state as a whole, so a panic cannot leave it half-written.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::after_panic("running a Python call")))
}

/// The Python exception for an error, built by `descope_ml.errors.from_document` from the error document.
pub(crate) fn to_exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static FROM_DOCUMENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    FROM_DOCUMENT
        .import(py, "descope_ml.errors", "from_document")?
        .call1((error.to_json(),))
}

/// Like [`to_exception`], in the form that pyo3 raises.
pub(crate) fn to_py_err(py: Python<'_>, error: &Error) -> PyErr {
    match to_exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Runs code that can fail with an error of core, and raises that error as a Python exception.
pub(crate) fn raise_errors<T>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Error>,
) -> PyResult<T> {
    work().map_err(|error| to_py_err(py, &error))
}
