//! Structured events: one for each call, reported when the call is over. They are off by default. Then
//! nothing is measured, and a call reads one atomic flag.

mod call_event;
mod document;
mod recorder;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

pub use call_event::{CallEvent, Phases, RequestEvent};
pub(crate) use recorder::{Phase, Recorder, RequestTarget};

type Handler = Box<dyn Fn(&CallEvent) + Send + Sync>;

/// Whether there is a handler. Calls look only here while there is none.
static IS_ENABLED: AtomicBool = AtomicBool::new(false);

/// Read and replaced without a lock, so that a fork cannot leave one locked.
static HANDLER: ArcSwapOption<Handler> = ArcSwapOption::const_empty();

thread_local! {
    /// Whether this thread is inside the handler.
    static IS_IN_HANDLER: Cell<bool> = const { Cell::new(false) };
}

/// Reports each call that starts from now on to `handler`, when it is over. It replaces the previous
/// handler of the process, which may still run for calls in progress on other threads.
///
/// The handler runs on the thread of the call, for a call of a [`Queue`](crate::Queue) in
/// [`Queue::next`](crate::Queue::next), possibly on several threads at once. A panic in it does not
/// change the result of the call. Calls that the handler starts are not reported, nor are calls of an
/// unknown operation.
pub fn set_event_handler(handler: impl Fn(&CallEvent) + Send + Sync + 'static) {
    HANDLER.store(Some(Arc::new(Box::new(handler))));
    IS_ENABLED.store(true, Ordering::Relaxed);
}

/// Removes the handler. Calls are no longer measured.
pub fn remove_event_handler() {
    IS_ENABLED.store(false, Ordering::Relaxed);
    HANDLER.store(None);
}

/// The recorder of a call that starts now. `None` if it is not to be reported.
pub(crate) fn start_recording() -> Option<Arc<Recorder>> {
    if !IS_ENABLED.load(Ordering::Relaxed) {
        return None;
    }
    start_recorder()
}

#[cold]
fn start_recorder() -> Option<Arc<Recorder>> {
    // Two threads may set and remove a handler at once, and leave the flag set.
    let is_reported = !IS_IN_HANDLER.get() && HANDLER.load().is_some();
    is_reported.then(|| Arc::new(Recorder::start()))
}

/// Passes the event of a call to the handler. The call must hold nothing that others wait for.
#[cold]
pub(crate) fn report(event: &CallEvent) {
    let Some(handler) = HANDLER.load_full() else {
        return;
    };
    let outer = IS_IN_HANDLER.replace(true);
    // The handler is dropped inside as well: it may be the last reference.
    let _ = catch_unwind(AssertUnwindSafe(move || handler(event)));
    IS_IN_HANDLER.set(outer);
}
