//! The events of calls on their way to Python. Each thread buffers them, like the log lines;
//! `descope_ml.log_bridge` takes them when the call has ended.
//!
//! Rust never runs Python's handlers. A handler can raise, or Python can end the thread inside it, and
//! neither may unwind through Rust.

use std::cell::RefCell;

use descope_ml_core::{CallEvent, remove_event_handler, set_event_handler};

thread_local! {
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Whether calls that start from now on have events. Applies to the whole process.
pub(crate) fn set_enabled(is_enabled: bool) {
    if is_enabled {
        set_event_handler(buffer);
    } else {
        remove_event_handler();
    }
}

fn buffer(event: &CallEvent) {
    EVENTS.with_borrow_mut(|events| events.push(event.to_json()));
}

/// Takes the events that this thread has buffered, oldest first.
pub(crate) fn take_events() -> Vec<String> {
    EVENTS.take()
}
