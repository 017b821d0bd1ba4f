//! Keyword arguments of the configuration, converted to the JSON document that core reads.

use descope_ml_core::Error;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};

use crate::errors::to_py_err;
use crate::json;
use crate::text::{camel_case, extract_text};

/// The arguments in seconds. Core reads these times in milliseconds.
const SECONDS_ARGUMENTS: [&str; 6] = [
    "connect_timeout_seconds",
    "connection_max_age_seconds",
    "idle_timeout_seconds",
    "keys_interval_seconds",
    "keys_ttl_seconds",
    "timeout_seconds",
];

/// The JSON text for these arguments; None if no argument is set. The order of the arguments does not matter:
/// the text is the key of the cache of clients.
pub(crate) fn config_json(arguments: &Bound<'_, PyMapping>) -> PyResult<Option<String>> {
    let py = arguments.py();
    let to_py_err = |error: Error| to_py_err(py, &error);
    let mut given = Vec::new();
    for item in arguments.items()? {
        let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        if !value.is_none() {
            given.push((
                extract_text(&name, Error::config).map_err(to_py_err)?,
                value,
            ));
        }
    }
    if given.is_empty() {
        return Ok(None);
    }
    given.sort_by(|one, other| one.0.cmp(&other.0));
    let document = PyDict::new(py);
    for (name, value) in given {
        let key = core_key(&name);
        if document.contains(&key)? {
            let why = format!("`{name}` is set twice, under two spellings: keep one of them");
            return Err(to_py_err(Error::config(why)));
        }
        document.set_item(key, core_value(&name, value)?)?;
    }
    json::dump_config(document.as_any(), "the configuration").map(Some)
}

/// The key that core has for an argument.
fn core_key(name: &str) -> String {
    match name.strip_suffix("_seconds") {
        Some(time) if SECONDS_ARGUMENTS.contains(&name) => camel_case(time) + "Ms",
        _ if name == "jwt_validation_leeway" => "jwtLeewaySeconds".to_owned(),
        _ => camel_case(name),
    }
}

/// The value of an argument in the form that core reads.
fn core_value<'py>(name: &str, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if SECONDS_ARGUMENTS.contains(&name) {
        return milliseconds(name, &value);
    }
    if name == "ca_file" && !value.is_instance_of::<PyString>() {
        let os = py.import("os")?;
        if value.is_instance(&os.getattr("PathLike")?)? {
            return os.call_method1("fspath", (value,));
        }
    }
    if name == "public_key" && value.is_instance_of::<PyMapping>() {
        let key = json::dump_config(&value, "`public_key`")?;
        return Ok(PyString::new(py, &key).into_any());
    }
    Ok(value)
}

/// Seconds as a whole number of milliseconds, rounded like Python's `round()`.
fn milliseconds<'py>(name: &str, seconds: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = seconds.py();
    let is_number = (seconds.is_instance_of::<PyInt>() || seconds.is_instance_of::<PyFloat>())
        && !seconds.is_instance_of::<PyBool>();
    if is_number {
        let rounded = seconds.mul(1000);
        match rounded.and_then(|number| number.call_method0("__round__")) {
            Ok(rounded) => return Ok(rounded),
            // Infinity or NaN.
            Err(error)
                if error.is_instance_of::<PyOverflowError>(py)
                    || error.is_instance_of::<PyValueError>(py) => {}
            Err(error) => return Err(error),
        }
    }
    let why = format!("`{name}` must be a finite number of seconds");
    Err(to_py_err(py, &Error::config(why)))
}
