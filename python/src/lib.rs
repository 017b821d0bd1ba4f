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
//! - `config`: keyword arguments
//! - `json`, `completion_queue`: requests, responses, results of background calls
//! - `fast_json`, `logging`, `errors`, `text`: conversions that need no other module

mod completion_queue;
mod config;
mod errors;
mod fast_json;
mod json;
mod logging;
mod text;

use std::sync::Arc;

use descope_ml_core::{Client as CoreClient, Error, VERSION, default_client};
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use completion_queue::{Completion, Completions};
use errors::{catch_panic, raise_errors, to_exception};
use logging::LogLine;
use text::extract_text;

/// A client of one Descope project, made from the JSON text of a configuration. All methods can run at the
/// same time on several threads.
#[pyclass(frozen, module = "descope_ml._native")]
struct Client(Arc<CoreClient>);

#[pymethods]
impl Client {
    #[new]
    fn new(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Client> {
        raise_errors(py, || {
            let config = extract_text(config, Error::config)?;
            let client = catch_panic(|| CoreClient::from_json(Some(&config)))?;
            Ok(Client(Arc::new(client)))
        })
    }

    /// Performs an operation by name, such as `magiclink/signin/sms`. The request is a mapping or JSON text,
    /// the response a dictionary. `skip_none` leaves out members that are None; use it only if core knows
    /// every member's name, since an unknown name that is left out is not rejected.
    #[pyo3(signature = (operation, request, *, skip_none = false))]
    fn call<'py>(
        &self,
        operation: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        skip_none: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        perform(|| Ok(&*self.0), operation, request, skip_none)
    }

    /// Opens a connection in advance, without sending a request.
    fn warm_up(&self, py: Python<'_>) -> PyResult<()> {
        raise_errors(py, || py.detach(|| catch_panic(|| self.0.warm_up())))
    }

    /// Performs an operation if it needs no network, such as `session/validate` with cached keys. If it needs
    /// the network, nothing has happened yet and the result is None: use [`Client::submit`].
    fn try_call_local<'py>(
        &self,
        operation: &Bound<'py, PyAny>,
        request_json: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = operation.py();
        let response = raise_errors(py, || {
            let operation = extract_text(operation, Error::argument)?;
            let request = extract_text(request_json, Error::argument)?;
            py.detach(|| catch_panic(|| self.0.try_call_local(&operation, &request)))
        })?;
        response
            .map(|response| json::load_response(py, &response))
            .transpose()
    }

    /// Performs an operation on a new thread, which ends with the call. The result is put into the queue,
    /// together with the ticket, a number that the caller chooses.
    fn submit(
        &self,
        py: Python<'_>,
        operation: &Bound<'_, PyAny>,
        request_json: &Bound<'_, PyAny>,
        queue: &CompletionQueue,
        ticket: u64,
    ) -> PyResult<()> {
        raise_errors(py, || {
            let operation = extract_text(operation, Error::argument)?;
            let request = extract_text(request_json, Error::argument)?;
            let queue = Arc::clone(&queue.0);
            self.0
                .call_in_background(operation, request, move |result| queue.put(ticket, result))
        })
    }

    /// Raises an error if the client has no project ID.
    fn require_project_id(&self, py: Python<'_>) -> PyResult<()> {
        raise_errors(py, || catch_panic(|| self.0.require_project_id()))
    }
}

/// A finished call for Python: the ticket, the response, the error document, and the log lines. One of
/// response and error document is None.
type FinishedCall = (u64, Option<String>, Option<String>, Vec<LogLine>);

/// The finished calls of one event loop.
#[pyclass(frozen, module = "descope_ml._native")]
struct CompletionQueue(Arc<Completions>);

#[pymethods]
impl CompletionQueue {
    #[new]
    fn new() -> PyResult<CompletionQueue> {
        Ok(CompletionQueue(Completions::new()?))
    }

    /// The descriptor that is readable while the queue is not empty.
    fn fileno(&self) -> i32 {
        self.0.descriptor()
    }

    /// Takes the finished calls, oldest first: `(ticket, response, None, log lines)` or
    /// `(ticket, None, error document, log lines)`.
    fn take(&self) -> PyResult<Vec<FinishedCall>> {
        let to_tuple = |completion: Completion| match completion.result {
            Ok(response) => (completion.ticket, Some(response), None, completion.log),
            Err(error) => (completion.ticket, None, Some(error), completion.log),
        };
        Ok(self.0.take()?.into_iter().map(to_tuple).collect())
    }
}

/// Performs an operation with the default client of the process. Like [`Client::call`].
#[pyfunction]
fn call<'py>(
    operation: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    perform(default_client::get, operation, request, false)
}

/// Opens a connection in advance with the default client of the process.
#[pyfunction]
fn warm_up(py: Python<'_>) -> PyResult<()> {
    raise_errors(py, || {
        let client = catch_panic(default_client::get)?;
        py.detach(|| catch_panic(|| client.warm_up()))
    })
}

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

/// Performs one call. The GIL is released for all of it, since it waits for the network.
fn perform<'py, C: std::ops::Deref<Target = CoreClient> + Sync>(
    client: impl FnOnce() -> Result<C, Error>,
    operation: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    skip_none: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = operation.py();
    let request = json::dump_request(request, skip_none)?;
    let response = raise_errors(py, || {
        let operation = extract_text(operation, Error::argument)?;
        let client = catch_panic(client)?;
        py.detach(|| catch_panic(|| client.call(&operation, &request)))
    })?;
    json::load_response(py, &response)
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
        Client, CompletionQueue, argument_error, call, camel_case, config_error, config_json,
        configure, dump_request, fast_json_loads, load_response, set_log_level, take_log_lines,
        warm_up, write_unraisable,
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
