//! Python's signal handlers while a call blocks. They only run on the main thread, which holds the GIL.

use std::sync::{Mutex, PoisonError};

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{catch_panic, to_py_err};

/// Asks whether a blocking call has to end early; see `Client::call_interruptible` of core.
pub(crate) type InterruptCheck<'a> = &'a (dyn Fn() -> bool + Sync);

/// Runs a blocking call without the GIL. On the main thread, signal handlers run while it waits; if one
/// raises an exception, the call ends and the exception is raised.
pub(crate) fn run_blocking<T: Send>(
    py: Python<'_>,
    call: impl FnOnce(Option<InterruptCheck<'_>>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    if !is_main_thread(py)? {
        let result = py.detach(|| catch_panic(|| call(None)));
        return result.map_err(|error| to_py_err(py, &error));
    }
    let raised: Mutex<Option<PyErr>> = Mutex::new(None);
    let is_interrupted = || {
        Python::attach(|py| match py.check_signals() {
            Ok(()) => false,
            Err(error) => {
                *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                true
            }
        })
    };
    let result = py.detach(|| catch_panic(|| call(Some(&is_interrupted))));
    match raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => result.map_err(|error| to_py_err(py, &error)),
    }
}

/// Whether this is the thread whose signal handlers run. A program that has not imported `threading` has
/// no other thread that matters.
fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let Some(threading) = modules.cast::<PyDict>()?.get_item("threading")? else {
        return Ok(true);
    };
    let main_thread = threading.call_method0("main_thread")?.getattr("ident")?;
    main_thread.eq(threading.call_method0("get_ident")?)
}
