//! Log lines of a call while other calls may wait for it. No code of the host program runs meanwhile: it might
//! wait for one of the others.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use log::Level;

use super::logger::Logger;

/// Lines that are written when this is dropped. So it is made before the call takes what others wait for, and
/// dropped after that has been handed over, also if the call is cancelled or panics.
pub(crate) struct HeldLines<'a> {
    pub(super) logger: &'a Logger,
    /// Locked because a call of a queue may change its thread, and for a moment only.
    lines: Mutex<Vec<(Level, String)>>,
}

impl<'a> HeldLines<'a> {
    pub(crate) fn new(logger: &'a Logger) -> HeldLines<'a> {
        HeldLines {
            logger,
            lines: Mutex::default(),
        }
    }

    pub(super) fn push(&self, level: Level, line: fmt::Arguments<'_>) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((level, line.to_string()));
    }
}

impl Drop for HeldLines<'_> {
    fn drop(&mut self) {
        let lines = self.lines.get_mut();
        let lines = std::mem::take(lines.unwrap_or_else(PoisonError::into_inner));
        // A second panic, in a logger of the host program, would end the process.
        let write = || {
            for (level, line) in lines {
                self.logger.write(level, format_args!("{line}"));
            }
        };
        let _ = catch_unwind(AssertUnwindSafe(write));
    }
}
