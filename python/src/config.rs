//! The configuration's keyword arguments as the document that core reads.

use descope_ml_core::Error;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};

use crate::boundary::{raise, text};
use crate::documents;

/// The times in seconds; core has them in milliseconds.
const SECONDS: [&str; 5] = [
    "connect_timeout_seconds",
    "idle_timeout_seconds",
    "keys_interval_seconds",
    "keys_ttl_seconds",
    "timeout_seconds",
];

/// The document for these arguments, the same for the same ones in any order; None where nothing is set.
pub(crate) fn document(arguments: &Bound<'_, PyMapping>) -> PyResult<Option<String>> {
    let py = arguments.py();
    let refuse = |error: Error| raise(py, &error);
    let mut given = Vec::new();
    for item in arguments.items()? {
        let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        if !value.is_none() {
            given.push((text(&name, Error::config).map_err(refuse)?, value));
        }
    }
    if given.is_empty() {
        return Ok(None);
    }
    given.sort_by(|one, other| one.0.cmp(&other.0));
    let document = PyDict::new(py);
    for (name, value) in given {
        let key = key(&name);
        if document.contains(&key)? {
            let why = format!("`{name}` is given in two spellings: keep one of them");
            return Err(refuse(Error::config(why)));
        }
        document.set_item(key, converted(&name, value)?)?;
    }
    documents::settings(document.as_any(), "the configuration").map(Some)
}

/// What core calls the argument.
fn key(name: &str) -> String {
    match name.strip_suffix("_seconds") {
        Some(time) if SECONDS.contains(&name) => documents::camel_case(time) + "Ms",
        _ if name == "jwt_validation_leeway" => "jwtLeewaySeconds".to_owned(),
        _ => documents::camel_case(name),
    }
}

/// What core takes for the argument's value.
fn converted<'py>(name: &str, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if SECONDS.contains(&name) {
        return milliseconds(name, &value);
    }
    if name == "ca_file" && !value.is_instance_of::<PyString>() {
        let os = py.import("os")?;
        if value.is_instance(&os.getattr("PathLike")?)? {
            return os.call_method1("fspath", (value,));
        }
    }
    if name == "public_key" && value.is_instance_of::<PyMapping>() {
        let key = documents::settings(&value, "`public_key`")?;
        return Ok(PyString::new(py, &key).into_any());
    }
    Ok(value)
}

/// A time in seconds as a whole number of milliseconds, rounded as Python does.
fn milliseconds<'py>(name: &str, seconds: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = seconds.py();
    let is_number = (seconds.is_instance_of::<PyInt>() || seconds.is_instance_of::<PyFloat>())
        && !seconds.is_instance_of::<PyBool>();
    if is_number {
        let rounded = seconds.mul(1000);
        match rounded.and_then(|number| number.call_method0("__round__")) {
            Ok(rounded) => return Ok(rounded),
            // Infinite, or not a number.
            Err(error)
                if error.is_instance_of::<PyOverflowError>(py)
                    || error.is_instance_of::<PyValueError>(py) => {}
            Err(error) => return Err(error),
        }
    }
    let why = format!("`{name}` must be a finite number of seconds");
    Err(raise(py, &Error::config(why)))
}
