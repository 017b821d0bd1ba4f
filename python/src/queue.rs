//! The queues of core: calls that do not block, for event loops.

use std::time::Duration;

use descope_ml_core::{Completion, Error, Next, Queue, Status};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::client::CLIENTS;
use crate::clock::run_at;
use crate::errors::{Failure, Outcome, catch_panic, error_document, outcome};
use crate::fast_json;
use crate::handles::Handles;
use crate::recorder::with_events;
use crate::text::extract_text;

/// How many finished calls are taken at a time, so that a busy queue does not keep the event loop waiting.
const MAX_TAKEN: usize = 64;

/// All queues of Python.
static QUEUES: Handles<Queue> = Handles::new();

/// A finished call: its ticket, its status, and the response or the error document.
type FinishedCall<'py> = (u64, i32, Bound<'py, PyAny>);

/// Makes a queue. The value is its number.
#[pyfunction]
pub(crate) fn queue_new(py: Python<'_>) -> PyResult<Outcome<'_>> {
    outcome(py, || Ok(QUEUES.add(catch_panic(Queue::new)?)))
}

/// Releases a queue. Does nothing if there is no queue with this number.
#[pyfunction]
pub(crate) fn queue_free(queue: u64) {
    QUEUES.remove(queue);
}

/// The descriptor that is readable while [`queue_take`] has something to do.
#[pyfunction]
pub(crate) fn queue_fileno(py: Python<'_>, queue: u64) -> PyResult<Outcome<'_>> {
    outcome(py, || {
        Ok(QUEUES.get(queue)?.readiness().raw_fd().unwrap_or(-1))
    })
}

/// False in a forked child of the process that made the queue. It cannot be used there.
#[pyfunction]
pub(crate) fn queue_belongs_to_this_process(queue: u64) -> bool {
    QUEUES
        .get(queue)
        .is_ok_and(|queue| queue.belongs_to_this_process())
}

/// Starts an operation, or reports what is wrong with the request. A ticket is a number that the caller chooses
/// for the call. `at` as in [`crate::client::call`].
#[pyfunction]
pub(crate) fn queue_submit<'py>(
    queue: u64,
    client: u64,
    operation: &Bound<'py, PyAny>,
    request_json: &Bound<'py, PyAny>,
    ticket: u64,
    at: Option<f64>,
) -> PyResult<Outcome<'py>> {
    let py = operation.py();
    outcome(py, || {
        let operation = extract_text(operation, Error::argument)?;
        let request = extract_text(request_json, Error::argument)?;
        let (queue, client) = (QUEUES.get(queue)?, CLIENTS.get(client)?);
        let submit = || queue.submit(&client, &operation, request, ticket);
        Ok(py.detach(|| catch_panic(|| run_at(at, submit)))?)
    })
}

/// Starts to open a connection in advance. The response is an empty dictionary.
#[pyfunction]
pub(crate) fn queue_submit_warm_up(
    py: Python<'_>,
    queue: u64,
    client: u64,
    ticket: u64,
) -> PyResult<Outcome<'_>> {
    outcome(py, || {
        let (queue, client) = (QUEUES.get(queue)?, CLIENTS.get(client)?);
        Ok(py.detach(|| catch_panic(|| queue.submit_warm_up(&client, ticket)))?)
    })
}

/// Cancels a call. [`queue_take`] reports it all the same. Does nothing if it was reported already.
#[pyfunction]
pub(crate) fn queue_cancel(py: Python<'_>, queue: u64, ticket: u64) -> PyResult<Outcome<'_>> {
    outcome(py, || {
        let queue = QUEUES.get(queue)?;
        py.detach(|| match catch_panic(|| queue.cancel(ticket)) {
            Err(Error::NotFound(_)) => Ok(()),
            result => Ok(result?),
        })
    })
}

/// Continues the calls without waiting, and appends those that have finished to a list. The caller owns
/// the list, so they are not lost if a signal handler raises an exception as soon as this returns.
#[pyfunction]
pub(crate) fn queue_take<'py>(queue: u64, finished: &Bound<'py, PyList>) -> PyResult<Outcome<'py>> {
    outcome(finished.py(), || {
        take_within(queue, finished, Some(Duration::ZERO))
    })
}

/// Like [`queue_take`], but waits until a call has finished. Appends nothing if there is no call. The value is the
/// list of the events of these calls, as JSON text, also if nobody listens yet: it may wait for long.
#[pyfunction]
pub(crate) fn queue_wait<'py>(queue: u64, finished: &Bound<'py, PyList>) -> PyResult<Outcome<'py>> {
    let py = finished.py();
    outcome(py, || {
        let (result, events) = with_events(|| take_within(queue, finished, None));
        result.map(|()| events)
    })
}

/// Makes the descriptor readable until the next [`queue_take`].
#[pyfunction]
pub(crate) fn queue_wake(py: Python<'_>, queue: u64) -> PyResult<Outcome<'_>> {
    outcome(py, || {
        QUEUES.get(queue)?.wake();
        Ok(())
    })
}

fn take_within(
    queue: u64,
    finished: &Bound<'_, PyList>,
    timeout: Option<Duration>,
) -> Result<(), Failure> {
    let py = finished.py();
    let queue = QUEUES.get(queue)?;
    let completions = py.detach(|| take_completions(&queue, timeout))?;
    for completion in completions {
        finished.append(to_python(py, completion))?;
    }
    Ok(())
}

fn take_completions(
    queue: &Queue,
    mut timeout: Option<Duration>,
) -> Result<Vec<Completion>, Error> {
    let mut completions = Vec::new();
    while completions.len() < MAX_TAKEN {
        match catch_panic(|| queue.next(timeout)) {
            Ok(Next::Finished(completion)) => completions.push(completion),
            // A signal: the caller's thread is not the main thread, so it only waits on.
            Ok(Next::Pending) if timeout.is_none() => continue,
            Ok(Next::Pending | Next::Idle) => break,
            Err(error) if completions.is_empty() => return Err(error),
            Err(_) => {
                // What has finished is returned. The descriptor is readable, so the caller comes back and
                // gets the error then, if it lasts.
                queue.wake();
                break;
            }
        }
        timeout = Some(Duration::ZERO);
    }
    Ok(completions)
}

fn to_python(py: Python<'_>, completion: Completion) -> FinishedCall<'_> {
    let (status, document) = match completion.result {
        Ok(response) => (Status::Ok, fast_json::document(py, &response)),
        Err(error) => (error.status(), error_document(py, &error)),
    };
    (completion.tag, status.code(), document)
}
