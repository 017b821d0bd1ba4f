//! `_native.Queue`: calls that do not block, for event loops.

use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use descope_ml_core::{Completion, Error, Next, Queue as CoreQueue};
use pyo3::prelude::*;

use crate::client::Client;
use crate::errors::{catch_panic, raise_errors, to_exception};
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

    /// Starts an operation. Raises what is wrong with the request.
    fn submit(
        &self,
        py: Python<'_>,
        client: &Client,
        operation: &Bound<'_, PyAny>,
        request_json: &Bound<'_, PyAny>,
        ticket: u64,
    ) -> PyResult<()> {
        raise_errors(py, || {
            let operation = extract_text(operation, Error::argument)?;
            let request = extract_text(request_json, Error::argument)?;
            py.detach(|| catch_panic(|| self.0.submit(&client.0, &operation, request, ticket)))
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

    /// Continues the calls without waiting and takes those that have finished.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Vec<FinishedCall<'py>>> {
        self.take_within(py, Some(Duration::ZERO))
    }

    /// Like [`Queue::take`], but waits until a call has finished. The list is empty if there is no call.
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Vec<FinishedCall<'py>>> {
        self.take_within(py, None)
    }
}

impl Queue {
    fn take_within<'py>(
        &self,
        py: Python<'py>,
        timeout: Option<Duration>,
    ) -> PyResult<Vec<FinishedCall<'py>>> {
        let finished = raise_errors(py, || {
            py.detach(|| catch_panic(|| self.take_finished(timeout)))
        })?;
        let to_tuple = |completion: Completion| match completion.result {
            Ok(response) => match json::load_response(py, &response) {
                Ok(response) => Ok((completion.tag, Some(response), None)),
                Err(error) => Ok((
                    completion.tag,
                    None,
                    Some(error.into_value(py).into_bound(py).into_any()),
                )),
            },
            Err(error) => Ok((completion.tag, None, Some(to_exception(py, &error)?))),
        };
        finished.into_iter().map(to_tuple).collect()
    }

    fn take_finished(&self, mut timeout: Option<Duration>) -> Result<Vec<Completion>, Error> {
        let mut finished = Vec::new();
        while finished.len() < MAX_TAKEN {
            match self.0.next(timeout)? {
                Next::Finished(completion) => finished.push(completion),
                // A signal: the caller's thread is not the main thread, so it only waits on.
                Next::Pending if timeout.is_none() => continue,
                Next::Pending | Next::Idle => break,
            }
            timeout = Some(Duration::ZERO);
        }
        Ok(finished)
    }
}
