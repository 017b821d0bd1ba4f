//! The clients of core: making them, and their calls.

use descope_ml_core::{Client, Error};
use pyo3::prelude::*;

use crate::clock::run_at;
use crate::errors::{Outcome, catch_panic, outcome};
use crate::fast_json;
use crate::handles::Handles;
use crate::json;
use crate::signals::run_blocking;
use crate::text::extract_text;

/// All clients of Python. All their methods can run at the same time on several threads.
pub(crate) static CLIENTS: Handles<Client> = Handles::new();

/// Makes a client of one Descope project from the JSON text of a configuration. `None` configures it from
/// the environment. The value is its number.
#[pyfunction]
pub(crate) fn client_new<'py>(
    py: Python<'py>,
    config: Option<&Bound<'py, PyAny>>,
) -> PyResult<Outcome<'py>> {
    outcome(py, || {
        let config = config
            .map(|config| extract_text(config, Error::config))
            .transpose()?;
        let client = catch_panic(|| Client::from_json(config.as_deref()))?;
        Ok(CLIENTS.add(client))
    })
}

/// Releases a client. Does nothing if there is no client with this number.
#[pyfunction]
pub(crate) fn client_free(client: u64) {
    CLIENTS.remove(client);
}

/// Performs an operation by name, such as `magiclink/signin/sms`. The request is a dictionary or JSON text,
/// the response a document of [`fast_json::document`]. `skip_none` as in [`json::dump_request`].
///
/// `None`: nothing has happened, since the request is neither text nor a dictionary of the fast path.
///
/// `at`: the time of day, in seconds since 1970, if a test has replaced it.
#[pyfunction]
pub(crate) fn call<'py>(
    client: u64,
    operation: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    skip_none: bool,
    at: Option<f64>,
) -> PyResult<Option<Outcome<'py>>> {
    let py = operation.py();
    let request = match json::request_text(request, skip_none) {
        Ok(Some(request)) => Ok(request),
        Ok(None) => return Ok(None),
        Err(error) => Err(error),
    };
    let work = || {
        let request = request?;
        let operation = extract_text(operation, Error::argument)?;
        let client = CLIENTS.get(client)?;
        let response = run_blocking(py, |interrupt| {
            run_at(at, || match interrupt {
                Some(interrupt) => client.call_interruptible(&operation, &request, interrupt),
                None => client.call(&operation, &request),
            })
        })?;
        Ok(fast_json::document(py, &response))
    };
    outcome(py, work).map(Some)
}

/// Opens a connection in advance, without sending a request.
#[pyfunction]
pub(crate) fn warm_up(py: Python<'_>, client: u64) -> PyResult<Outcome<'_>> {
    outcome(py, || {
        let client = CLIENTS.get(client)?;
        run_blocking(py, |interrupt| match interrupt {
            Some(interrupt) => client.warm_up_interruptible(interrupt),
            None => client.warm_up(),
        })
    })
}

/// Performs an operation if it needs no network, such as `session/validate` with cached keys. If it needs
/// the network, nothing has happened yet and the value is None: use a queue. `at` as in [`call`].
#[pyfunction]
pub(crate) fn try_call_local<'py>(
    client: u64,
    operation: &Bound<'py, PyAny>,
    request_json: &Bound<'py, PyAny>,
    at: Option<f64>,
) -> PyResult<Outcome<'py>> {
    let py = operation.py();
    outcome(py, || {
        let operation = extract_text(operation, Error::argument)?;
        let request = extract_text(request_json, Error::argument)?;
        let client = CLIENTS.get(client)?;
        let call = || run_at(at, || client.try_call_local(&operation, &request));
        let response = py.detach(|| catch_panic(call))?;
        Ok(response.map(|response| fast_json::document(py, &response)))
    })
}

/// Fails if the client has no project ID.
#[pyfunction]
pub(crate) fn require_project_id(py: Python<'_>, client: u64) -> PyResult<Outcome<'_>> {
    outcome(py, || {
        let client = CLIENTS.get(client)?;
        Ok(catch_panic(|| client.require_project_id())?)
    })
}
