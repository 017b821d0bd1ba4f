//! The native half of the Python package, `descope_ml._native`: core's functions, as Python calls them.
//!
//! What blocks does so without the interpreter's lock. Reading a configuration does not wait on anyone
//! and keeps the lock, since it reads the environment, which other Python threads may only change while
//! they hold that lock.
//!
//! In a free-threaded Python there is no such lock. What is shared here is made for that: atomics, a
//! mutex that nobody holds while waiting, and core's clients. Only the environment stays unprotected, as
//! it is against all C code, so there a program is to change it before it makes clients.

mod boundary;
mod completions;
mod config;
mod documents;
mod logging;
mod plain;

use std::sync::Arc;

use descope_ml_core::{Client as CoreClient, Error, VERSION, default_client};
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use boundary::{exception, guard, raise, text};
use completions::{Completion, Completions};
use logging::Line;

/// A client of one Descope project, made from a configuration document. Every call may run at the
/// same time as any other.
#[pyclass(frozen, module = "descope_ml._native")]
struct Client(Arc<CoreClient>);

#[pymethods]
impl Client {
    #[new]
    fn new(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Client> {
        raised(py, || {
            let config = text(config, Error::config)?;
            let client = guard(|| CoreClient::from_json(Some(&config)))?;
            Ok(Client(Arc::new(client)))
        })
    }

    /// Performs an operation by name, such as `magiclink/signin/sms`: a mapping or its JSON text in, a
    /// dictionary out. Members that are None may be left out where every name is one that core knows.
    #[pyo3(signature = (operation, request, leave_out_none = false))]
    fn call<'py>(
        &self,
        operation: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        leave_out_none: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        perform(|| Ok(&*self.0), operation, request, leave_out_none)
    }

    /// Connects ahead, so that the next call need not.
    fn warm_up(&self, py: Python<'_>) -> PyResult<()> {
        raised(py, || py.detach(|| guard(|| self.0.warm_up())))
    }

    /// Performs a local operation, such as `session/validate`, if that takes no network: a mapping or its
    /// JSON text in, a dictionary out. If it would, nothing has happened yet, and the request document
    /// comes back, for [`Client::submit`].
    #[pyo3(signature = (operation, request, leave_out_none = false))]
    fn call_cached<'py>(
        &self,
        operation: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        leave_out_none: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = operation.py();
        let request = documents::request(request, leave_out_none)?;
        let answer = raised(py, || {
            let operation = text(operation, Error::argument)?;
            py.detach(|| guard(|| self.0.try_call_local(&operation, &request)))
        })?;
        match answer {
            Some(answer) => documents::answer(py, &answer),
            None => Ok(PyString::new(py, &request).into_any()),
        }
    }

    /// Performs an operation on a thread of its own, which lives as long as the call; its result comes
    /// to the queue under the ticket.
    fn submit(
        &self,
        py: Python<'_>,
        operation: &Bound<'_, PyAny>,
        request: &Bound<'_, PyAny>,
        queue: &CompletionQueue,
        ticket: u64,
    ) -> PyResult<()> {
        raised(py, || {
            let operation = text(operation, Error::argument)?;
            let request = text(request, Error::argument)?;
            let queue = Arc::clone(&queue.0);
            self.0
                .call_in_background(operation, request, move |result| queue.put(ticket, result))
        })
    }

    /// Raises when the client has no project.
    fn require_project_id(&self, py: Python<'_>) -> PyResult<()> {
        raised(py, || guard(|| self.0.require_project_id()))
    }
}

/// A ticket, the answer or the error document of its call, and what it had to say.
type Completed = (u64, Option<String>, Option<String>, Vec<Line>);

/// The calls in the background that have completed, for one event loop.
#[pyclass(frozen, module = "descope_ml._native")]
struct CompletionQueue(Arc<Completions>);

#[pymethods]
impl CompletionQueue {
    #[new]
    fn new() -> PyResult<CompletionQueue> {
        Ok(CompletionQueue(Completions::new()?))
    }

    /// The descriptor that is readable while there is something to take.
    fn fileno(&self) -> i32 {
        self.0.descriptor()
    }

    /// What has completed, oldest first: `(ticket, answer, None, log lines)` or `(ticket, None, error
    /// document, log lines)`.
    fn take(&self) -> PyResult<Vec<Completed>> {
        let spread = |completion: Completion| match completion.result {
            Ok(answer) => (completion.ticket, Some(answer), None, completion.log),
            Err(error) => (completion.ticket, None, Some(error), completion.log),
        };
        Ok(self.0.take()?.into_iter().map(spread).collect())
    }
}

/// Performs an operation with the process's default client, as [`Client::call`].
#[pyfunction]
fn call<'py>(
    operation: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    perform(default_client::get, operation, request, false)
}

/// Connects ahead with the process's default client.
#[pyfunction]
fn warm_up(py: Python<'_>) -> PyResult<()> {
    raised(py, || {
        let client = guard(default_client::get)?;
        py.detach(|| guard(|| client.warm_up()))
    })
}

/// Replaces the process's default client; `None`: by one from the environment.
#[pyfunction]
fn configure(py: Python<'_>, config: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let config = config.map(|config| text(config, Error::config)).transpose();
    raised(py, || {
        let config = config?;
        guard(|| default_client::configure(config.as_deref()))
    })
}

/// The configuration document for keyword arguments; None where nothing is set.
#[pyfunction]
fn config_json(arguments: &Bound<'_, PyMapping>) -> PyResult<Option<String>> {
    config::document(arguments)
}

/// The API's spelling of a Python name: `customClaims` for `custom_claims`.
#[pyfunction]
fn camel_case(name: &str) -> String {
    documents::camel_case(name)
}

/// The dictionary of the text of an answer.
#[pyfunction]
fn answer<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    documents::answer(py, text)
}

/// What `json.loads` makes of a text, where that is null or has anything in it but text, whole numbers of
/// 64 bits, booleans and null: None.
#[pyfunction]
fn plain_value<'py>(py: Python<'py>, text: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    plain::read(py, &text.to_cow().ok()?)
}

/// The exception for a request that cannot be sent.
#[pyfunction]
fn argument_error<'py>(py: Python<'py>, message: String) -> PyResult<Bound<'py, PyAny>> {
    exception(py, &Error::argument(message))
}

/// The exception for a configuration that cannot work.
#[pyfunction]
fn config_error<'py>(py: Python<'py>, message: String) -> PyResult<Bound<'py, PyAny>> {
    exception(py, &Error::config(message))
}

/// One call: everything after the choice of the client waits on the network, so without the lock.
fn perform<'py, C: std::ops::Deref<Target = CoreClient> + Sync>(
    client: impl FnOnce() -> Result<C, Error>,
    operation: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    leave_out_none: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = operation.py();
    let request = documents::request(request, leave_out_none)?;
    let answer = raised(py, || {
        let operation = text(operation, Error::argument)?;
        let client = guard(client)?;
        py.detach(|| guard(|| client.call(&operation, &request)))
    })?;
    documents::answer(py, &answer)
}

/// Does a piece of work, and raises its error.
fn raised<T>(py: Python<'_>, work: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    work().map_err(|error| raise(py, &error))
}

/// Keeps the lines of the log that have at least this level, a number of Python's `logging`.
#[pyfunction]
fn set_log_level(level: i64) {
    logging::set_level(level);
}

/// The lines of the log that this thread has kept since the last time, oldest first; None if there are
/// none.
#[pyfunction]
fn log_lines() -> Option<Vec<Line>> {
    Some(logging::kept()).filter(|lines| !lines.is_empty())
}

/// Reports an exception that nobody can be given, as Python does.
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
        Client, CompletionQueue, answer, argument_error, call, camel_case, config_error,
        config_json, configure, log_lines, plain_value, set_log_level, warm_up, write_unraisable,
    };

    /// The version of the library.
    #[pymodule_export]
    const VERSION: &str = super::VERSION;

    /// Panics are caught and become exceptions, so nothing is to appear on stderr. The hook is that of
    /// the standard library inside this module, which it shares with no other extension.
    #[pymodule_init]
    fn init() {
        std::panic::set_hook(Box::new(|_| {}));
        super::logging::install();
    }
}
