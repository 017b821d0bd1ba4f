//! The native module `descope_ml._native`: the functions of core for Python.
//!
//! Calls that block release the GIL. Reading the configuration does not block and keeps the GIL: it reads
//! the environment, and other Python threads can change the environment only while they hold the GIL.
//!
//! A free-threaded Python has no GIL. All shared state is safe without it: atomics, a mutex that is never
//! held while waiting, and core's clients. The environment is the exception, as for all C code: such a
//! program must set it before it makes clients.
//!
//! Layers, from the top. A module imports only from layers below its own.
//!
//! - `queue`: calls that do not block
//! - `client`: clients, blocking calls
//! - `config`: keyword arguments
//! - `json`, `signals`, `sealing`: requests and responses; signal handlers during blocking calls; encryption
//! - `fast_json`: the usual requests and responses
//! - `logging`, `events`, `errors`, `text`, `clock`: conversions that need no other module

mod client;
mod clock;
mod config;
mod errors;
mod events;
mod fast_json;
mod json;
mod logging;
mod queue;
mod sealing;
mod signals;
mod text;

use descope_ml_core::{Error, VERSION, default_client};
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use client::Client;
use errors::{catch_panic, raise_errors, to_exception};
use logging::LogLine;
use queue::Queue;
use sealing::{open_sealed, seal};
use text::extract_text;

/// Replaces the default client of the process. `None` configures it from the environment.
#[pyfunction]
fn configure(py: Python<'_>, config: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let config = config
        .map(|config| extract_text(config, Error::config))
        .transpose();
    raise_errors(py, || {
        let config = config?;
        catch_panic(|| default_client::configure(config.as_deref()))
    })
}

/// The JSON text of the configuration for keyword arguments; None if no argument is set.
#[pyfunction]
fn config_json(arguments: &Bound<'_, PyMapping>) -> PyResult<Option<String>> {
    config::config_json(arguments)
}

/// The API's spelling of a Python name: `customClaims` for `custom_claims`.
#[pyfunction]
fn camel_case(name: &str) -> String {
    text::camel_case(name)
}

/// The JSON text of a request, a mapping or JSON text. `skip_none` as in [`Client::call`].
#[pyfunction]
#[pyo3(signature = (request, *, skip_none = false))]
fn dump_request(request: &Bound<'_, PyAny>, skip_none: bool) -> PyResult<String> {
    json::dump_request(request, skip_none)
}

/// The response of the service as a dictionary.
#[pyfunction]
fn load_response<'py>(py: Python<'py>, response_json: &str) -> PyResult<Bound<'py, PyAny>> {
    json::load_response(py, response_json)
}

/// The value of `json.loads`, if the text consists of strings, integers of 64 bits, booleans, null, arrays
/// and objects; None for any other text.
#[pyfunction]
fn fast_json_loads<'py>(py: Python<'py>, text: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    fast_json::loads(py, &text.to_cow().ok()?)
}

/// The exception for an invalid request.
#[pyfunction]
fn argument_error<'py>(py: Python<'py>, message: String) -> PyResult<Bound<'py, PyAny>> {
    to_exception(py, &Error::argument(message))
}

/// The exception for an invalid configuration.
#[pyfunction]
fn config_error<'py>(py: Python<'py>, message: String) -> PyResult<Bound<'py, PyAny>> {
    to_exception(py, &Error::config(message))
}

/// Records log lines of at least this level, a number of Python's `logging`.
#[pyfunction]
fn set_log_level(level: i64) {
    logging::set_level(level);
}

/// Takes the log lines that this thread has buffered, oldest first; None if there are none.
#[pyfunction]
fn take_log_lines() -> Option<Vec<LogLine>> {
    Some(logging::take_lines()).filter(|lines| !lines.is_empty())
}

/// Whether calls that start from now on have events.
#[pyfunction]
fn set_events_enabled(is_enabled: bool) {
    events::set_enabled(is_enabled);
}

/// Takes the events that this thread has buffered, as JSON text, oldest first; None if there are none.
#[pyfunction]
fn take_events() -> Option<Vec<String>> {
    Some(events::take_events()).filter(|events| !events.is_empty())
}

/// Passes an exception that cannot be raised to `sys.unraisablehook`.
#[pyfunction]
fn write_unraisable(error: Bound<'_, PyAny>) {
    let py = error.py();
    PyErr::from_value(error).write_unraisable(py, None);
}

/// The module.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::{
        Client, Queue, argument_error, camel_case, config_error, config_json, configure,
        dump_request, fast_json_loads, load_response, open_sealed, seal, set_events_enabled,
        set_log_level, take_events, take_log_lines, write_unraisable,
    };

    /// The version of the library.
    #[pymodule_export]
    const VERSION: &str = super::VERSION;

    /// Panics are caught and become exceptions, so they must not print to stderr. The panic hook belongs to
    /// this module alone: every extension module has its own copy of Rust's standard library.
    #[pymodule_init]
    fn init() {
        std::panic::set_hook(Box::new(|_| {}));
        super::logging::install();
    }
}
