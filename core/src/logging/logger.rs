//! Where log lines go: to the handler of the client, else to that of the process, else to the `log` crate.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwapOption;
use log::{Level, LevelFilter};

use crate::handlers::run_handler;

/// The target of every record of the `log` crate.
pub const LOG_TARGET: &str = "descope_ml";

/// The level of a logger without a handler.
const INHERITED: usize = usize::MAX;

/// Lines that do not belong to a client with a handler.
static PROCESS: Logger = Logger::new();

/// The handler of a client or of the process, if it has one.
pub(crate) struct Logger {
    /// The most detailed level of the handler, or [`INHERITED`]. Calls look only here if nothing is logged.
    max_level: AtomicUsize,
    /// Read and replaced without a lock, so that a fork cannot leave one locked.
    handler: ArcSwapOption<Handler>,
}

struct Handler {
    max_level: LevelFilter,
    write: Box<Write>,
}

/// Takes a level and a line.
type Write = dyn Fn(Level, &str) + Send + Sync;

/// Passes each log line of the process to `handler`, up to the level `max_level`, instead of to the `log`
/// crate. It replaces the previous handler of the process, which may still be running on other threads. Lines
/// of a client that has a handler of its own go there; see [`Client::set_log_handler`].
///
/// The handler runs on the thread of the call, possibly on several threads at once. It runs when no other call
/// can be waiting for that call: lines about a request whose answer other calls wait for come when the answer
/// has been handed over. A panic in the handler does not change the result of the call.
///
/// The handler may use the library, except for [`Queue::next`]. Calls that it makes are neither logged nor
/// reported as events.
///
/// [`Client::set_log_handler`]: crate::Client::set_log_handler
/// [`Queue::next`]: crate::Queue::next
pub fn set_log_handler(
    max_level: LevelFilter,
    handler: impl Fn(Level, &str) + Send + Sync + 'static,
) {
    PROCESS.set_handler(max_level, Box::new(handler));
}

/// Removes the handler of the process. Log lines go to the `log` crate again.
pub fn remove_log_handler() {
    PROCESS.remove_handler();
}

/// The logger of the process.
pub(super) fn process_logger() -> &'static Logger {
    &PROCESS
}

impl Logger {
    pub(crate) const fn new() -> Logger {
        Logger {
            max_level: AtomicUsize::new(INHERITED),
            handler: ArcSwapOption::const_empty(),
        }
    }

    /// Lines up to `max_level` go to the handler, and the others nowhere.
    pub(crate) fn set_handler(&self, max_level: LevelFilter, write: Box<Write>) {
        self.handler
            .store(Some(Arc::new(Handler { max_level, write })));
        self.handler_changed();
    }

    pub(crate) fn remove_handler(&self) {
        self.handler.store(None);
        self.handler_changed();
    }

    /// Several threads may change the handler at once: the level is that of the last one.
    fn handler_changed(&self) {
        let current = || self.handler.load_full();
        loop {
            let handler = current();
            let level = handler
                .as_ref()
                .map_or(INHERITED, |handler| handler.max_level as usize);
            self.max_level.store(level, Ordering::SeqCst);
            let address = |handler: &Option<Arc<Handler>>| handler.as_ref().map(Arc::as_ptr);
            if address(&current()) == address(&handler) {
                return;
            }
        }
    }

    /// Whether anybody wants lines of this level.
    pub(super) fn is_enabled(&self, level: Level) -> bool {
        let limit = match self.max_level.load(Ordering::Relaxed) {
            INHERITED => PROCESS.max_level.load(Ordering::Relaxed),
            limit => limit,
        };
        match limit {
            INHERITED => log::log_enabled!(target: LOG_TARGET, level),
            limit => level as usize <= limit,
        }
    }

    /// Writes a line. The caller holds nothing that other calls may wait for.
    pub(super) fn write(&self, level: Level, line: fmt::Arguments<'_>) {
        let own = self.handler.load_full();
        let Some(handler) = own.or_else(|| PROCESS.handler.load_full()) else {
            log::log!(target: LOG_TARGET, level, "{line}");
            return;
        };
        // Also if the handler was replaced by one that does not want the line: it is dropped inside.
        run_handler(move || {
            if level <= handler.max_level {
                (handler.write)(level, &line.to_string());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    type Lines = Arc<Mutex<Vec<String>>>;

    fn collect(logger: &Logger, max_level: LevelFilter) -> Lines {
        let lines = Lines::default();
        let seen = Arc::clone(&lines);
        let write = move |level, line: &str| seen.lock().unwrap().push(format!("{level} {line}"));
        logger.set_handler(max_level, Box::new(write));
        lines
    }

    #[test]
    fn the_handler_gets_the_lines_of_its_levels() {
        let logger = Logger::new();
        let lines = collect(&logger, LevelFilter::Info);
        for level in [Level::Warn, Level::Info, Level::Debug] {
            assert_eq!(logger.is_enabled(level), level <= Level::Info);
            logger.write(level, format_args!("line"));
        }
        assert_eq!(*lines.lock().unwrap(), ["WARN line", "INFO line"]);
        let second = collect(&logger, LevelFilter::Off);
        assert_eq!(
            Arc::strong_count(&lines),
            1,
            "the first handler was dropped"
        );
        assert!(!logger.is_enabled(Level::Error));
        logger.write(Level::Error, format_args!("line"));
        assert!(second.lock().unwrap().is_empty());
    }

    #[test]
    fn what_a_handler_does_is_not_logged_and_its_panic_is_caught() {
        let logger = Arc::new(Logger::new());
        let (inner, runs) = (Arc::clone(&logger), Arc::new(Mutex::new(0)));
        let seen = Arc::clone(&runs);
        let write = move |level, _: &str| {
            *seen.lock().unwrap() += 1;
            inner.write(level, format_args!("inner"));
            inner.remove_handler();
            panic!("of the handler");
        };
        logger.set_handler(LevelFilter::Debug, Box::new(write));
        logger.write(Level::Debug, format_args!("outer"));
        assert_eq!(*runs.lock().unwrap(), 1);
        assert!(!crate::handlers::is_in_handler());
        assert_eq!(Arc::strong_count(&runs), 1, "the handler was dropped");
    }

    #[test]
    fn the_level_is_that_of_the_last_handler_also_if_threads_replace_it() {
        let logger = Logger::new();
        for _ in 0..200 {
            std::thread::scope(|scope| {
                scope.spawn(|| logger.remove_handler());
                scope.spawn(|| collect(&logger, LevelFilter::Warn));
                scope.spawn(|| collect(&logger, LevelFilter::Debug));
            });
            let handler = logger.handler.load_full();
            let expected = handler.map_or(INHERITED, |handler| handler.max_level as usize);
            assert_eq!(logger.max_level.load(Ordering::SeqCst), expected);
        }
    }
}
