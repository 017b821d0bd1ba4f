//! Log lines on their way to Python's `logging`. Each thread buffers the lines of its call;
//! `descope_ml.log_bridge` takes them when the call has ended.
//!
//! Rust never runs Python's log handlers. A handler can raise, or Python can end the thread inside it, and
//! neither may unwind through Rust.

use std::cell::RefCell;

use descope_ml_core::LOG_TARGET;
use log::{Level, LevelFilter, Log, Metadata, Record};

/// A level of Python's `logging`, and a message.
pub(crate) type LogLine = (u8, String);

thread_local! {
    static LINES: RefCell<Vec<LogLine>> = const { RefCell::new(Vec::new()) };
}

static LOGGER: ThreadLogBuffer = ThreadLogBuffer;

/// A logger that appends to the buffer of the current thread.
struct ThreadLogBuffer;

/// Installs the logger. It is off until [`set_level`] is called.
pub(crate) fn install() {
    // This cannot fail: the extension module has its own copy of the `log` crate, without another logger.
    let installed = log::set_logger(&LOGGER);
    debug_assert!(installed.is_ok());
}

/// Records lines of at least this level, a number of Python's `logging`. Applies to the whole process.
pub(crate) fn set_level(level: i64) {
    log::set_max_level(match level {
        ..=10 => LevelFilter::Debug,
        11..=20 => LevelFilter::Info,
        21..=30 => LevelFilter::Warn,
        31..=40 => LevelFilter::Error,
        _ => LevelFilter::Off,
    });
}

/// Takes the lines that this thread has buffered, oldest first.
pub(crate) fn take_lines() -> Vec<LogLine> {
    LINES.take()
}

impl Log for ThreadLogBuffer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Lines of other crates (TLS, HTTP) are dropped: nobody has checked them for secrets.
        metadata.target() == LOG_TARGET
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (python_level(record.level()), record.args().to_string());
            LINES.with_borrow_mut(|lines| lines.push(line));
        }
    }

    fn flush(&self) {}
}

/// The level as a number of Python's `logging`.
fn python_level(level: Level) -> u8 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug | Level::Trace => 10,
    }
}
