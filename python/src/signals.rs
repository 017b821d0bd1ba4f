//! Python's signal handlers while a call blocks. They only run on the main thread, which holds the GIL.

use std::sync::{Mutex, PoisonError};

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{Failure, catch_panic};

/// Asks whether a blocking call has to end early; see `Client::call_interruptible` of core.
pub(crate) type InterruptCheck<'a> = &'a (dyn Fn() -> bool + Sync);

/// Runs a blocking call without the GIL. On the main thread, signal handlers run while it waits; if one
/// raises an exception, the call ends and the exception is raised.
pub(crate) fn run_blocking<T: Send>(
    py: Python<'_>,
    call: impl FnOnce(Option<InterruptCheck<'_>>) -> Result<T, Error> + Send,
) -> Result<T, Failure> {
    let modules = loaded_modules(py)?;
    if !is_main_thread(&modules)? {
        return Ok(py.detach(|| catch_panic(|| call(None)))?);
    }
    let interpreter = modules.as_ptr() as usize;
    let raised: Mutex<Option<PyErr>> = Mutex::new(None);
    let is_interrupted = || {
        Python::attach(|py| match run_handlers(py, interpreter) {
            Ok(()) => false,
            Err(error) => {
                *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                true
            }
        })
    };
    let result = py.detach(|| catch_panic(|| call(Some(&is_interrupted))));
    match raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(result?),
    }
}

/// Runs the handlers of signals that have arrived, unless the call belongs to another interpreter.
///
/// A thread without the GIL is attached to the interpreter that Python has noted for it, in most programs the
/// main one. A call of a sub-interpreter must not end with an exception of that one. Python never runs
/// handlers in a sub-interpreter. The address of `sys.modules` tells interpreters apart.
fn run_handlers(py: Python<'_>, interpreter: usize) -> PyResult<()> {
    if loaded_modules(py)?.as_ptr() as usize == interpreter {
        py.check_signals()
    } else {
        Ok(())
    }
}

fn loaded_modules(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    Ok(py.import("sys")?.getattr("modules")?.cast_into()?)
}

/// Whether this is the thread whose signal handlers run. A program that has not imported `threading` has
/// no other thread that matters.
fn is_main_thread(modules: &Bound<'_, PyDict>) -> PyResult<bool> {
    let Some(threading) = modules.get_item("threading")? else {
        return Ok(true);
    };
    let main_thread = threading.call_method0("main_thread")?.getattr("ident")?;
    main_thread.eq(threading.call_method0("get_ident")?)
}
