//! Log lines of a call while no code of the host program may run: other calls may wait for this one, and it might
//! wait for one of them; or the signals of its thread are blocked.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use log::Level;

use super::logger::Logger;

/// Lines that are written when this is dropped. So it is made before the call takes what others wait for, and
/// dropped after that has been handed over, also if the call is cancelled or panics.
pub(crate) struct HeldLines<'a> {
    pub(super) logger: &'a Logger,
    /// Where they go instead, if no code of the host program may run then either.
    outer: Option<&'a HeldLines<'a>>,
    /// Locked because a call of a queue may change its thread, and for a moment only.
    lines: Mutex<Vec<(Level, String)>>,
}

impl<'a> HeldLines<'a> {
    pub(super) fn new(logger: &'a Logger, outer: Option<&'a HeldLines<'a>>) -> HeldLines<'a> {
        HeldLines {
            logger,
            outer,
            lines: Mutex::default(),
        }
    }

    pub(super) fn push(&self, level: Level, line: fmt::Arguments<'_>) {
        self.lock().push((level, line.to_string()));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Level, String)>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for HeldLines<'_> {
    fn drop(&mut self) {
        let lines = self.lines.get_mut();
        let mut lines = std::mem::take(lines.unwrap_or_else(PoisonError::into_inner));
        if let Some(outer) = self.outer {
            outer.lock().append(&mut lines);
            return;
        }
        // A second panic, in a logger of the host program, would end the process.
        let write = || {
            for (level, line) in lines {
                self.logger.write(level, format_args!("{line}"));
            }
        };
        let _ = catch_unwind(AssertUnwindSafe(write));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use log::LevelFilter;

    use super::super::Log;
    use super::*;

    #[test]
    fn lines_are_written_in_their_order_when_nothing_holds_them() {
        let logger = Logger::new();
        let written = Arc::new(Mutex::new(String::new()));
        let target = Arc::clone(&written);
        let write = move |_, line: &str| target.lock().unwrap().push_str(line);
        logger.set_handler(LevelFilter::Debug, Box::new(write));
        let outer = Log::new(&logger).hold();
        let log = Log::held(&outer);
        log.write(Level::Debug, format_args!("1"));
        let inner = log.hold();
        Log::held(&inner).write(Level::Debug, format_args!("2"));
        drop(inner);
        log.write(Level::Debug, format_args!("3"));
        assert_eq!(*written.lock().unwrap(), "");
        drop(outer);
        assert_eq!(*written.lock().unwrap(), "123");
    }
}
