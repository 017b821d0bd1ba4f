//! What the handlers of the host program, for log lines and for events, have in common: they do not nest,
//! and a panic in one does not change the result of a call.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is inside a handler.
    static IS_IN_HANDLER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a handler.
pub(crate) fn is_in_handler() -> bool {
    IS_IN_HANDLER.get()
}

/// Runs a handler, unless this thread is inside one. What `handler` owns is dropped inside as well: it may be
/// the last reference to a handler that was replaced, and dropping that runs code of the host program.
///
/// The caller holds nothing that other calls may wait for.
pub(crate) fn run_handler(handler: impl FnOnce()) {
    if !IS_IN_HANDLER.replace(true) {
        let _ = catch_unwind(AssertUnwindSafe(handler));
        IS_IN_HANDLER.set(false);
    }
}
