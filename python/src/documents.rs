//! Requests, answers and the configuration as Python's values. What is plain is written and read here; the
//! rest goes through `descope_ml.documents`, which also knows what to say of what cannot be.

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::boundary::{raise, text};
use crate::plain;

/// The request document for a mapping, or for its own text. `leave_out_none` leaves out the members that
/// are None, which core takes for absent wherever it knows their names.
pub(crate) fn request(request: &Bound<'_, PyAny>, leave_out_none: bool) -> PyResult<String> {
    let py = request.py();
    let sendable =
        |value: &Bound<'_, PyAny>| text(value, Error::argument).map_err(|error| raise(py, &error));
    if request.is_instance_of::<PyString>() {
        return sendable(request);
    }
    let plain = request
        .cast_exact::<PyDict>()
        .ok()
        .and_then(|members| plain::text(members, leave_out_none));
    if let Some(plain) = plain {
        return Ok(plain);
    }
    static REQUEST_JSON: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let request_json = REQUEST_JSON.import(py, "descope_ml.documents", "request_json")?;
    sendable(&request_json.call1((request,))?)
}

/// The service's answer as a dictionary.
pub(crate) fn answer<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Some(plain) = plain::read(py, text) {
        return Ok(plain);
    }
    static ANSWER_FROM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    ANSWER_FROM
        .import(py, "descope_ml.documents", "answer_from")?
        .call1((text,))
}

/// The JSON text of the configuration, or of what a part of it holds; messages call it `what`.
pub(crate) fn settings(settings: &Bound<'_, PyAny>, what: &str) -> PyResult<String> {
    let py = settings.py();
    let plain = settings.cast_exact::<PyDict>().ok();
    if let Some(plain) = plain.and_then(|members| plain::text(members, false)) {
        return Ok(plain);
    }
    static SETTINGS_JSON: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let settings_json = SETTINGS_JSON.import(py, "descope_ml.documents", "settings_json")?;
    let written = settings_json.call1((settings, what))?;
    text(&written, Error::config).map_err(|error| raise(py, &error))
}

/// The API's spelling of a Python name: `customClaims` for `custom_claims`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut spelt = String::with_capacity(name.len());
    for (number, word) in name.split('_').enumerate() {
        let mut letters = word.chars();
        match letters.next().filter(|_| number > 0) {
            Some(first) => {
                spelt.extend(first.to_uppercase());
                spelt.push_str(letters.as_str());
            }
            None => spelt.push_str(word),
        }
    }
    spelt
}
