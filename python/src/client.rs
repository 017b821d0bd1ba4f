//! `_native.Client`: a client of core.

use std::sync::Arc;

use descope_ml_core::{Client as CoreClient, Error, default_client};
use pyo3::prelude::*;

use crate::clock::run_at;
use crate::errors::{catch_panic, raise_errors};
use crate::json;
use crate::signals::run_blocking;
use crate::text::extract_text;

/// A client of one Descope project, made from the JSON text of a configuration. All methods can run at the
/// same time on several threads.
#[pyclass(frozen, module = "descope_ml._native")]
pub(crate) struct Client(pub(crate) Arc<CoreClient>);

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

    /// The default client of the process.
    #[staticmethod]
    fn default(py: Python<'_>) -> PyResult<Client> {
        raise_errors(py, || catch_panic(default_client::get).map(Client))
    }

    /// Performs an operation by name, such as `magiclink/signin/sms`. The request is a mapping or JSON text,
    /// the response a dictionary. `skip_none` leaves out members that are None; use it only if core knows
    /// every member's name, since an unknown name that is left out is not rejected.
    ///
    /// `at`: the time of day, in seconds since 1970, if a test has replaced it.
    #[pyo3(signature = (operation, request, *, skip_none = false, at = None))]
    fn call<'py>(
        &self,
        operation: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        skip_none: bool,
        at: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = operation.py();
        let request = json::dump_request(request, skip_none)?;
        let operation = raise_errors(py, || extract_text(operation, Error::argument))?;
        let response = run_blocking(py, |interrupt| {
            run_at(at, || match interrupt {
                Some(interrupt) => self.0.call_interruptible(&operation, &request, interrupt),
                None => self.0.call(&operation, &request),
            })
        })?;
        json::load_response(py, &response)
    }

    /// Opens a connection in advance, without sending a request.
    fn warm_up(&self, py: Python<'_>) -> PyResult<()> {
        run_blocking(py, |interrupt| match interrupt {
            Some(interrupt) => self.0.warm_up_interruptible(interrupt),
            None => self.0.warm_up(),
        })
    }

    /// Performs an operation if it needs no network, such as `session/validate` with cached keys. If it needs
    /// the network, nothing has happened yet and the result is None: use [`crate::queue::Queue`]. `at` as in [`Client::call`].
    #[pyo3(signature = (operation, request_json, *, at = None))]
    fn try_call_local<'py>(
        &self,
        operation: &Bound<'py, PyAny>,
        request_json: &Bound<'py, PyAny>,
        at: Option<f64>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = operation.py();
        let response = raise_errors(py, || {
            let operation = extract_text(operation, Error::argument)?;
            let request = extract_text(request_json, Error::argument)?;
            let call = || run_at(at, || self.0.try_call_local(&operation, &request));
            py.detach(|| catch_panic(call))
        })?;
        response
            .map(|response| json::load_response(py, &response))
            .transpose()
    }

    /// Raises an error if the client has no project ID.
    fn require_project_id(&self, py: Python<'_>) -> PyResult<()> {
        raise_errors(py, || catch_panic(|| self.0.require_project_id()))
    }
}
