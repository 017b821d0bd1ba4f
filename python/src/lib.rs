//! The native module `descope_ml._native`: the functions of core for Python.
//!
//! Calls that block release the GIL. Reading the configuration does not block and keeps the GIL: it reads
//! the environment, and other Python threads can change the environment only while they hold the GIL.
//!
//! A free-threaded Python has no GIL. All shared state is safe without it: atomics, a mutex that is never
//! held while waiting, and core's clients. The environment is the exception, as for all C code: such a
//! program must set it before it makes clients.
//!
//! Several interpreters of one process can import the module, and share it. So it holds no Python object: no class,
//! no exception, no function. Clients and queues are numbers, failures are data, and the package raises.
//! What pyo3 itself keeps for the process and uses here are interned strings, and the type of its panics, which it
//! compares with every exception. Both outlive the interpreter that made them.
//!
//! Layers, from the top. A module imports only from layers below its own.
//!
//! - `queue`: calls that do not block
//! - `client`: clients, blocking calls
//! - `config`, `json`, `signals`, `sealing`: keyword arguments; requests; signal handlers during blocking calls;
//!   encryption
//! - `errors`: results and failures as data
//! - `fast_json`: the usual requests and responses
//! - `handles`, `recorder`, `text`, `clock`: what needs no other module

mod client;
mod clock;
mod config;
mod errors;
mod fast_json;
mod handles;
mod json;
mod queue;
mod recorder;
mod sealing;
mod signals;
mod text;

use descope_ml_core::{Error, VERSION};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use client::{call, client_free, client_new, require_project_id, try_call_local, warm_up};
use errors::{Outcome, error_document, outcome};
use queue::{
    queue_belongs_to_this_process, queue_cancel, queue_fileno, queue_free, queue_new, queue_submit,
    queue_submit_warm_up, queue_take, queue_wait, queue_wake,
};
use recorder::Recorded;
use sealing::{open_sealed, seal};

/// The environment variable by which the tests of a parent process block the network: the reason.
const BLOCK_VARIABLE: &str = "DESCOPE_ML_BLOCK_NETWORK";

/// The JSON text of the configuration for keyword arguments; None if no argument is set; a dictionary if
/// `descope_ml.client_config` has to write it.
#[pyfunction]
fn config_json<'py>(arguments: &Bound<'py, PyDict>) -> PyResult<Outcome<'py>> {
    outcome(arguments.py(), || config::config_json(arguments))
}

/// The API's spelling of a Python name: `customClaims` for `custom_claims`.
#[pyfunction]
fn camel_case(name: &str) -> String {
    text::camel_case(name)
}

/// The JSON text of a request, as [`json::request_text`] makes it.
#[pyfunction]
fn request_text<'py>(request: &Bound<'py, PyAny>, skip_none: bool) -> PyResult<Outcome<'py>> {
    outcome(request.py(), || Ok(json::request_text(request, skip_none)?))
}

/// The value of `json.loads`, if the text consists of strings, integers of 64 bits, booleans, null, arrays
/// and objects; None for any other text.
#[pyfunction]
fn fast_json_loads<'py>(py: Python<'py>, text: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    fast_json::loads(py, &text.to_cow().ok()?)
}

/// The document of the error for an invalid request.
#[pyfunction]
fn argument_error(py: Python<'_>, message: String) -> Bound<'_, PyAny> {
    error_document(py, &Error::argument(message))
}

/// The document of the error for an invalid configuration.
#[pyfunction]
fn config_error(py: Python<'_>, message: String) -> Bound<'_, PyAny> {
    error_document(py, &Error::config(message))
}

/// Records the log lines and the events of calls of this thread, until [`take_recorded`]. The level is a number of
/// Python's `logging`.
#[pyfunction]
fn start_recording(level: i64) {
    recorder::start(level);
}

/// What was recorded since the last [`start_recording`] of this thread: log lines and events, which are JSON text,
/// oldest first. None if that is nothing.
#[pyfunction]
fn take_recorded() -> Option<Recorded> {
    recorder::take()
}

/// Whether calls that start from now on have events for this interpreter.
#[pyfunction]
fn set_events_enabled(is_enabled: bool) {
    recorder::set_events_enabled(is_enabled);
}

/// For tests: from now on, calls of this process reach only servers on this machine. None ends it. A child process
/// that is not forked takes the reason from [`BLOCK_VARIABLE`].
#[pyfunction]
fn block_network(reason: Option<&str>) {
    descope_ml_core::block_network(reason);
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
        argument_error, block_network, call, camel_case, client_free, client_new, config_error,
        config_json, fast_json_loads, open_sealed, queue_belongs_to_this_process, queue_cancel,
        queue_fileno, queue_free, queue_new, queue_submit, queue_submit_warm_up, queue_take,
        queue_wait, queue_wake, request_text, require_project_id, seal, set_events_enabled,
        start_recording, take_recorded, try_call_local, warm_up, write_unraisable,
    };

    /// The version of the library.
    #[pymodule_export]
    const VERSION: &str = super::VERSION;

    /// Panics are caught and become exceptions, so they must not print to stderr. The panic hook belongs to
    /// this module alone: every extension module has its own copy of Rust's standard library.
    #[pymodule_init]
    fn init() {
        std::panic::set_hook(Box::new(|_| {}));
        super::recorder::install_logger();
        if let Some(reason) =
            std::env::var_os(super::BLOCK_VARIABLE).filter(|text| !text.is_empty())
        {
            super::block_network(Some(&reason.to_string_lossy()));
        }
    }
}
