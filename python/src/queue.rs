//! `_native.Queue`: calls that do not block, for event loops.

use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use descope_ml_core::{Completion, Error, Next, Queue as CoreQueue};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::client::Client;
use crate::clock::run_at;
use crate::errors::{catch_panic, raise_errors, to_py_err};
use crate::json;
use crate::text::extract_text;

/// How many finished calls are taken at a time, so that a busy queue does not keep the event loop waiting.
const MAX_TAKEN: usize = 64;

/// A finished call for Python: the ticket, and the response or the exception. The other one is None.
type FinishedCall<'py> = (u64, Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>);

/// Calls in progress. A ticket is a number that the caller chooses for a call.
#[pyclass(frozen, module = "descope_ml._native")]
pub(crate) struct Queue(CoreQueue);

#[pymethods]
impl Queue {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Queue> {
        raise_errors(py, || catch_panic(CoreQueue::new).map(Queue))
    }

    /// The descriptor that is readable while [`Queue::take`] has something to do.
    fn fileno(&self) -> i32 {
        self.0.as_fd().as_raw_fd()
    }

    /// False in a forked child of the process that made the queue. It cannot be used there.
    fn belongs_to_this_process(&self) -> bool {
        self.0.belongs_to_this_process()
    }

    /// Starts an operation. Raises what is wrong with the request. `at` as in [`Client::call`].
    #[pyo3(signature = (client, operation, request_json, ticket, *, at = None))]
    fn submit(
        &self,
        py: Python<'_>,
        client: &Client,
        operation: &Bound<'_, PyAny>,
        request_json: &Bound<'_, PyAny>,
        ticket: u64,
        at: Option<f64>,
    ) -> PyResult<()> {
        raise_errors(py, || {
            let operation = extract_text(operation, Error::argument)?;
            let request = extract_text(request_json, Error::argument)?;
            let submit = || self.0.submit(&client.0, &operation, request, ticket);
            py.detach(|| catch_panic(|| run_at(at, submit)))
        })
    }

    /// Starts to open a connection in advance. The response is an empty dictionary.
    fn submit_warm_up(&self, py: Python<'_>, client: &Client, ticket: u64) -> PyResult<()> {
        raise_errors(py, || {
            py.detach(|| catch_panic(|| self.0.submit_warm_up(&client.0, ticket)))
        })
    }

    /// Cancels a call. [`Queue::take`] reports it all the same. Does nothing if it was reported already.
    fn cancel(&self, py: Python<'_>, ticket: u64) -> PyResult<()> {
        raise_errors(py, || {
            py.detach(|| match catch_panic(|| self.0.cancel(ticket)) {
                Err(Error::NotFound(_)) => Ok(()),
                result => result,
            })
        })
    }

    /// Continues the calls without waiting, and appends those that have finished to a list. The caller owns
    /// the list, so they are not lost if a signal handler raises an exception as soon as this returns.
    fn take(&self, finished: &Bound<'_, PyList>) -> PyResult<()> {
        self.take_within(finished, Some(Duration::ZERO))
    }

    /// Like [`Queue::take`], but waits until a call has finished. Appends nothing if there is no call.
    fn wait(&self, finished: &Bound<'_, PyList>) -> PyResult<()> {
        self.take_within(finished, None)
    }

    /// Makes the descriptor readable until the next [`Queue::take`].
    fn wake(&self) {
        self.0.wake();
    }
}

impl Queue {
    fn take_within(&self, finished: &Bound<'_, PyList>, timeout: Option<Duration>) -> PyResult<()> {
        let py = finished.py();
        let completions = raise_errors(py, || py.detach(|| self.take_completions(timeout)))?;
        completions
            .into_iter()
            .try_for_each(|completion| finished.append(to_python(py, completion)))
    }

    fn take_completions(&self, mut timeout: Option<Duration>) -> Result<Vec<Completion>, Error> {
        let mut completions = Vec::new();
        while completions.len() < MAX_TAKEN {
            match catch_panic(|| self.0.next(timeout)) {
                Ok(Next::Finished(completion)) => completions.push(completion),
                // A signal: the caller's thread is not the main thread, so it only waits on.
                Ok(Next::Pending) if timeout.is_none() => continue,
                Ok(Next::Pending | Next::Idle) => break,
                Err(error) if completions.is_empty() => return Err(error),
                Err(_) => {
                    // What has finished is returned. The descriptor is readable, so the caller comes back and
                    // gets the error then, if it lasts.
                    self.0.wake();
                    break;
                }
            }
            timeout = Some(Duration::ZERO);
        }
        Ok(completions)
    }
}

/// If the response or the exception cannot be made, the reason for that is the exception of the call.
fn to_python(py: Python<'_>, completion: Completion) -> FinishedCall<'_> {
    let result = match completion.result {
        Ok(response) => json::load_response(py, &response),
        Err(error) => Err(to_py_err(py, &error)),
    };
    match result {
        Ok(response) => (completion.tag, Some(response), None),
        Err(error) => {
            let exception = error.into_value(py).into_bound(py).into_any();
            (completion.tag, None, Some(exception))
        }
    }
}
