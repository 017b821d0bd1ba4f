//! Requests, responses and the configuration: Python values to JSON text and back.
//!
//! [`crate::fast_json`] handles the common cases. `descope_ml.json_codec` handles the rest, and has the
//! error messages for values that have no JSON form.

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::errors::to_py_err;
use crate::fast_json;
use crate::text::extract_text;

/// The JSON text of a request. The request is a mapping, or a `str` that already is JSON.
/// `skip_none` leaves out members that are None: core treats a known member that is null as absent.
pub(crate) fn dump_request(request: &Bound<'_, PyAny>, skip_none: bool) -> PyResult<String> {
    let py = request.py();
    let to_text = |value: &Bound<'_, PyAny>| {
        extract_text(value, Error::argument).map_err(|error| to_py_err(py, &error))
    };
    if request.is_instance_of::<PyString>() {
        return to_text(request);
    }
    let fast = request
        .cast_exact::<PyDict>()
        .ok()
        .and_then(|members| fast_json::dumps(members, skip_none));
    if let Some(json) = fast {
        return Ok(json);
    }
    static DUMP_REQUEST: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let dump_request = DUMP_REQUEST.import(py, "descope_ml.json_codec", "dump_request")?;
    to_text(&dump_request.call1((request,))?)
}

/// The response of the service as a dictionary.
pub(crate) fn load_response<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Some(response) = fast_json::loads(py, json) {
        return Ok(response);
    }
    static LOAD_RESPONSE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOAD_RESPONSE
        .import(py, "descope_ml.json_codec", "load_response")?
        .call1((json,))
}

/// The JSON text of the configuration, or of a mapping inside it. `name` is its name in error messages.
pub(crate) fn dump_config(config: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    let py = config.py();
    let members = config.cast_exact::<PyDict>().ok();
    if let Some(json) = members.and_then(|members| fast_json::dumps(members, false)) {
        return Ok(json);
    }
    static DUMP_CONFIG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let dump_config = DUMP_CONFIG.import(py, "descope_ml.json_codec", "dump_config")?;
    let json = dump_config.call1((config, name))?;
    extract_text(&json, Error::config).map_err(|error| to_py_err(py, &error))
}
