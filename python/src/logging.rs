//! The library's log on its way to Python's `logging`: kept by the thread that performs a call, and
//! fetched by `descope_ml.logs` once the call has ended. Nothing here runs Python's handlers: what they
//! raise, or a thread that Python ends in one of them, is not to come through Rust.

use std::cell::RefCell;

use descope_ml_core::LOG_TARGET;
use log::{Level, LevelFilter, Log, Metadata, Record};

/// A level of Python's, and what is told.
pub(crate) type Line = (u8, String);

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

static KEEPER: Keeper = Keeper;

struct Keeper;

/// Lets the library's log come here. Nothing comes before [`set_level`] says that it is wanted.
pub(crate) fn install() {
    // No other logger can be there: the `log` crate in this module is nobody else's.
    let installed = log::set_logger(&KEEPER);
    debug_assert!(installed.is_ok());
}

/// Keeps from now on what has at least this level, a number of Python's.
pub(crate) fn set_level(level: i64) {
    log::set_max_level(match level {
        ..=10 => LevelFilter::Debug,
        11..=20 => LevelFilter::Info,
        21..=30 => LevelFilter::Warn,
        31..=40 => LevelFilter::Error,
        _ => LevelFilter::Off,
    });
}

/// Takes what this thread has kept.
pub(crate) fn kept() -> Vec<Line> {
    LINES.take()
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
