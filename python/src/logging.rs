//! The library's log on its way to Python's `logging`: kept by the thread that performs a call, and
//! told by one that holds the interpreter's lock anyway, once the call has ended.

use std::cell::RefCell;

use descope_ml_core::LOG_TARGET;
use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A level of Python's, and what is told.
pub(crate) type Line = (u8, String);

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

static KEEPER: Keeper = Keeper;

struct Keeper;

/// Lets the library's log come here. Nothing comes before [`follow`] has found that it is wanted.
pub(crate) fn install() {
    // No other logger can be there: the `log` crate in this module is nobody else's.
    let installed = log::set_logger(&KEEPER);
    debug_assert!(installed.is_ok());
}

/// Takes the level of the logger `descope_ml` over. Where nobody has imported `logging`, nobody listens.
pub(crate) fn follow(py: Python<'_>) -> PyResult<()> {
    static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let modules = MODULES.import(py, "sys", "modules")?;
    let level = match modules.contains(intern!(py, "logging"))? {
        true => {
            static LEVEL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            let level = LEVEL.import(py, "descope_ml.logs", "level")?.call0()?;
            match level.extract::<i64>()? {
                ..=10 => LevelFilter::Debug,
                11..=20 => LevelFilter::Info,
                21..=30 => LevelFilter::Warn,
                31..=40 => LevelFilter::Error,
                _ => LevelFilter::Off,
            }
        }
        false => LevelFilter::Off,
    };
    if log::max_level() != level {
        log::set_max_level(level);
    }
    Ok(())
}

/// Takes what this thread has kept.
pub(crate) fn kept() -> Vec<Line> {
    LINES.take()
}

/// Tells Python what a thread has kept. A handler that fails costs nobody the result of a call.
pub(crate) fn tell(py: Python<'_>, lines: Vec<Line>) {
    if lines.is_empty() {
        return;
    }
    static TELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let told = TELL
        .import(py, "descope_ml.logs", "tell")
        .and_then(|tell| tell.call1((lines,)));
    if let Err(error) = told {
        error.write_unraisable(py, None);
    }
}

impl Log for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The libraries below have more to say, which is not for hosts, nor checked for secrets.
        metadata.target() == LOG_TARGET
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (number(record.level()), record.args().to_string());
            LINES.with_borrow_mut(|lines| lines.push(line));
        }
    }

    fn flush(&self) {}
}

/// The number that Python has for a level.
fn number(level: Level) -> u8 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    }
}
