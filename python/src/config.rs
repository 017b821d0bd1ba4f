//! Keyword arguments of the configuration, converted to the JSON document that core reads.

use descope_ml_core::Error;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};

use crate::errors::Failure;
use crate::fast_json;
use crate::text::{camel_case, extract_text};

/// The arguments in seconds. Core reads these times in milliseconds.
const SECONDS_ARGUMENTS: [&str; 7] = [
    "connect_timeout_seconds",
    "connection_max_age_seconds",
    "idle_timeout_seconds",
    "keys_interval_seconds",
    "keys_ttl_seconds",
    "refresh_grace_seconds",
    "timeout_seconds",
];

/// The JSON text for these arguments; None if no argument is set. The order of the arguments does not matter:
/// the text is the key of the cache of clients.
///
/// If a value is outside of the fast path: the members of the JSON document, in which `publicKey` can still be
/// a mapping. `descope_ml.client_config` writes them.
pub(crate) fn config_json<'py>(
    arguments: &Bound<'py, PyDict>,
) -> Result<Option<Bound<'py, PyAny>>, Failure> {
    let py = arguments.py();
    let mut given = Vec::new();
    for (name, value) in arguments.iter() {
        if !value.is_none() {
            given.push((extract_text(&name, Error::config)?, value));
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
            return Err(Error::config(why).into());
        }
        document.set_item(key, core_value(&name, value)?)?;
    }
    Ok(Some(match fast_json::dumps(&document, false) {
        Some(json) => PyString::new(py, &json).into_any(),
        None => document.into_any(),
    }))
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
fn core_value<'py>(name: &str, value: Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Failure> {
    let py = value.py();
    if SECONDS_ARGUMENTS.contains(&name) {
        return milliseconds(name, &value);
    }
    if name == "ca_file" && !value.is_instance_of::<PyString>() {
        let os = py.import("os")?;
        if value.is_instance(&os.getattr("PathLike")?)? {
            return Ok(os.call_method1("fspath", (value,))?);
        }
    }
    if name == "public_key"
        && let Ok(key) = value.cast_exact::<PyDict>()
        && let Some(json) = fast_json::dumps(key, false)
    {
        return Ok(PyString::new(py, &json).into_any());
    }
    Ok(value)
}

/// Seconds as a whole number of milliseconds, rounded like Python's `round()`.
fn milliseconds<'py>(
    name: &str,
    seconds: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, Failure> {
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
            Err(error) => return Err(error.into()),
        }
    }
    let why = format!("`{name}` must be a finite number of seconds");
    Err(Error::config(why).into())
}
