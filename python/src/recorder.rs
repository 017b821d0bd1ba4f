//! The log lines and events of a call, on their way to Python's `logging` and to event handlers.
//!
//! Each thread records them while a call of an interpreter runs; `descope_ml.log_bridge` of that interpreter takes
//! them when the call has ended. So several interpreters can use one thread, and each gets its own.
//!
//! Rust never runs Python's handlers. A handler can raise, or Python can end the thread inside it, and
//! neither may unwind through Rust.

use std::cell::RefCell;
use std::mem;
use std::sync::{Mutex, Once, PoisonError};

use descope_ml_core::{CallEvent, LOG_TARGET, remove_event_handler, set_event_handler};
use log::{Level, LevelFilter, Log, Metadata, Record};

/// A level of Python's `logging`, and a message.
pub(crate) type LogLine = (u8, String);

/// The log lines and the events of a call, oldest first. Events are JSON text.
pub(crate) type Recorded = (Vec<LogLine>, Vec<String>);

struct Recorder {
    level: LevelFilter,
    lines: Vec<LogLine>,
    events: Vec<String>,
}

thread_local! {
    /// The last one records. There are several if a signal handler makes a call during a call.
    static RECORDERS: RefCell<Vec<Recorder>> = const { RefCell::new(Vec::new()) };
}

/// How many interpreters have event handlers.
static LISTENERS: Mutex<usize> = Mutex::new(0);

static LOGGER: ThreadLogger = ThreadLogger;

/// A logger that appends to the recorder of the current thread.
struct ThreadLogger;

/// Installs the logger, which records nothing before [`start`]. For the first interpreter that imports the
/// module, and for no other.
pub(crate) fn install_logger() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // This cannot fail: the extension module has its own copy of the `log` crate, without another logger.
        let installed = log::set_logger(&LOGGER);
        debug_assert!(installed.is_ok());
    });
}

/// Records what this thread does from now on: log lines of at least this level, a number of Python's `logging`,
/// and events. Each start needs its [`take`].
pub(crate) fn start(level: i64) {
    let level = match level {
        ..=10 => LevelFilter::Debug,
        11..=20 => LevelFilter::Info,
        21..=30 => LevelFilter::Warn,
        31..=40 => LevelFilter::Error,
        _ => LevelFilter::Off,
    };
    // The level of the process is the lowest that any thread has asked for.
    if level > log::max_level() {
        log::set_max_level(level);
    }
    RECORDERS.with_borrow_mut(|recorders| {
        recorders.push(Recorder {
            level,
            lines: Vec::new(),
            events: Vec::new(),
        });
    });
}

/// Ends the last [`start`] of this thread, and returns what was recorded since; `None` if that is nothing.
pub(crate) fn take() -> Option<Recorded> {
    let Recorder { lines, events, .. } = RECORDERS.with_borrow_mut(Vec::pop)?;
    (!lines.is_empty() || !events.is_empty()).then_some((lines, events))
}

/// Runs work, and returns its events as well, also if nothing is recorded yet. Log lines stay where they are.
pub(crate) fn with_events<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    let is_recording = RECORDERS.with_borrow(|recorders| !recorders.is_empty());
    if !is_recording {
        start(i64::MAX);
    }
    let result = work();
    if !is_recording {
        return (result, take().map(|(_, events)| events).unwrap_or_default());
    }
    let events = RECORDERS.with_borrow_mut(|recorders| {
        recorders
            .last_mut()
            .map(|recorder| mem::take(&mut recorder.events))
    });
    (result, events.unwrap_or_default())
}

/// Whether calls that start from now on have events for this interpreter. An interpreter calls it only to
/// change what it has set before.
pub(crate) fn set_events_enabled(is_enabled: bool) {
    let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    if is_enabled {
        *listeners += 1;
        if *listeners == 1 {
            set_event_handler(record_event);
        }
        return;
    }
    *listeners = listeners.saturating_sub(1);
    if *listeners == 0 {
        remove_event_handler();
    }
}

fn record_event(event: &CallEvent) {
    RECORDERS.with_borrow_mut(|recorders| {
        if let Some(recorder) = recorders.last_mut() {
            recorder.events.push(event.to_json());
        }
    });
}

impl Log for ThreadLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Lines of other crates (TLS, HTTP) are dropped: nobody has checked them for secrets.
        metadata.target() == LOG_TARGET
            && RECORDERS.with_borrow(|recorders| {
                recorders
                    .last()
                    .is_some_and(|recorder| metadata.level() <= recorder.level)
            })
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (python_level(record.level()), record.args().to_string());
            RECORDERS.with_borrow_mut(|recorders| {
                if let Some(recorder) = recorders.last_mut() {
                    recorder.lines.push(line);
                }
            });
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
