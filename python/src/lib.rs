//! The native half of the Python package, `descope_ml._native`: core's functions, as Python calls them.
//!
//! What blocks does so without
//! the interpreter's lock. Reading a configuration does not wait on anyone and keeps the lock, since
//! it reads the environment, which other Python threads may only change while they hold that lock.
//!
//! In a free-threaded Python there is no such lock. What is shared here is made for that: atomics, a
//! mutex that nobody holds while waiting, and core's clients. Only the environment stays unprotected, as
//! it is against all C code, so there a program is to change it before it makes clients.

mod boundary;
mod completions;
mod documents;
mod logging;
mod plain;

use std::sync::Arc;

use descope_ml_core::{Client as CoreClient, Error, VERSION, process};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use boundary::{exception, guard, raise, text};
use completions::{Completion, Completions};

/// A client of one Descope project, made from a configuration document. Every call may run at the
/// same time as any other.
#[pyclass(frozen, module = "descope_ml._native")]
struct Client(Arc<CoreClient>);

#[pymethods]
impl Client {
    #[new]
    fn new(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Client> {
        logged(py, || {
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
        logged(py, || py.detach(|| guard(|| self.0.warm_up())))
    }

    /// Performs a local operation, such as `session/validate`, if that takes no network; None if it
    /// would, and nothing has happened yet.
    fn call_cached(
        &self,
        py: Python<'_>,
        operation: &Bound<'_, PyAny>,
        request: &Bound<'_, PyAny>,
    ) -> PyResult<Option<String>> {
        logged(py, || {
            let operation = text(operation, Error::argument)?;
            let request = text(request, Error::argument)?;
            py.detach(|| guard(|| self.0.call_at_hand(&operation, &request)))
        })
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
        logged(py, || {
            let operation = text(operation, Error::argument)?;
            let request = text(request, Error::argument)?;
            let queue = Arc::clone(&queue.0);
            self.0
                .call_in_background(operation, request, move |result| queue.put(ticket, result))
        })
    }

    /// Raises when the client has no project.
    fn require_project_id(&self, py: Python<'_>) -> PyResult<()> {
        guard(|| self.0.require_project_id()).map_err(|error| raise(py, &error))
    }
}

/// A ticket, and the answer or the error document of its call.
type Completed = (u64, Option<String>, Option<String>);

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

    /// What has completed, oldest first: `(ticket, answer, None)` or `(ticket, None, error document)`.
    fn take(&self, py: Python<'_>) -> PyResult<Vec<Completed>> {
        let spread = |completion: Completion| {
            logging::tell(py, completion.log);
            match completion.result {
                Ok(answer) => (completion.ticket, Some(answer), None),
                Err(error) => (completion.ticket, None, Some(error)),
            }
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
    perform(process::client, operation, request, false)
}

/// Connects ahead with the process's default client.
#[pyfunction]
fn warm_up(py: Python<'_>) -> PyResult<()> {
    logged(py, || {
        let client = guard(process::client)?;
        py.detach(|| guard(|| client.warm_up()))
    })
}

/// Replaces the process's default client; `None`: by one from the environment.
#[pyfunction]
fn configure(py: Python<'_>, config: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let config = config.map(|config| text(config, Error::config)).transpose();
    logged(py, || {
        let config = config?;
        guard(|| process::configure(config.as_deref()))
    })
}

/// The JSON text of a dictionary that has nothing but Python's own types in it, keys that are text, and
/// whole numbers of 64 bits; None for anything else.
#[pyfunction]
fn plain_json(value: &Bound<'_, PyAny>) -> Option<String> {
    plain::text(value.cast_exact::<PyDict>().ok()?, false)
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
    let answer = logged(py, || {
        let operation = text(operation, Error::argument)?;
        let client = guard(client)?;
        py.detach(|| guard(|| client.call(&operation, &request)))
    })?;
    documents::answer(py, &answer)
}

/// Does a piece of work, tells Python's log what there is to tell of it, and raises its error.
fn logged<T>(py: Python<'_>, work: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    logging::follow(py)?;
    let result = work();
    logging::tell(py, logging::kept());
    result.map_err(|error| raise(py, &error))
}

/// The module.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::{
        Client, CompletionQueue, argument_error, call, config_error, configure, plain_json,
        plain_value, warm_up,
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
