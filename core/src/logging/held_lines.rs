//! Log lines of a call while no code of the host program may run: other calls may wait for this one, and it might
//! wait for one of them; or the signals of its thread are blocked.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use log::Level;

use super::Log;

/// Lines that are written when this is dropped. So it is made before the call takes what others wait for, and
/// dropped after that has been handed over, also if the call is cancelled or panics.
pub(crate) struct HeldLines<'a> {
    pub(super) log: Log<'a>,
    /// Locked because a call of a queue may change its thread, and for a moment only.
    lines: Mutex<Vec<(Level, String)>>,
}

impl<'a> HeldLines<'a> {
    /// Lines for `log`, which may hold them as well.
    pub(crate) fn new(log: Log<'a>) -> HeldLines<'a> {
        HeldLines {
            log,
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
                self.log.write(level, format_args!("{line}"));
            }
        };
        let _ = catch_unwind(AssertUnwindSafe(write));
    }
}
