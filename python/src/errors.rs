//! Results of core as data for Python: a status and a document. `descope_ml.errors` raises what failed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use descope_ml_core::{Error, Status};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::fast_json;

/// A status, and the value if it is 0, else the error document.
pub(crate) type Outcome<'py> = (i32, Bound<'py, PyAny>);

/// Why work for Python failed.
pub(crate) enum Failure {
    /// An error of core. It becomes an [`Outcome`].
    Core(Error),
    /// An exception that Python itself has raised, in a signal handler or in an object of the caller.
    Python(PyErr),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Core(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Failure {
        Failure::Python(error)
    }
}

/// Runs code of core and turns a panic into the error for a bug in the library. Without this, pyo3 would
/// raise a `BaseException`, which `except Exception` does not catch. It is safe to go on after a panic:
/// core replaces shared state as a whole, so a panic cannot leave it half-written.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::after_panic("running a Python call")))
}

/// Runs work and returns its value, or the error of core, as data.
pub(crate) fn outcome<'py, T: IntoPyObject<'py>>(
    py: Python<'py>,
    work: impl FnOnce() -> Result<T, Failure>,
) -> PyResult<Outcome<'py>> {
    match work() {
        Ok(value) => Ok((Status::Ok.code(), value.into_bound_py_any(py)?)),
        Err(Failure::Core(error)) => Ok((error.status().code(), error_document(py, &error))),
        Err(Failure::Python(error)) => Err(error),
    }
}

/// The document of an error, in the form of [`fast_json::document`].
pub(crate) fn error_document<'py>(py: Python<'py>, error: &Error) -> Bound<'py, PyAny> {
    fast_json::document(py, &error.to_json())
}
