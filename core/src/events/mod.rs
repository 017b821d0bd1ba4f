//! Structured events: one for each call, reported when the call is over. They are off by default. Then
//! nothing is measured, and a call reads one atomic flag.

mod call_event;
mod document;
mod recorder;
mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

pub use call_event::{CallEvent, Phases, RequestEvent};
pub(crate) use recorder::{Phase, Recorder, RequestTarget};
pub(crate) use report::Report;

use crate::handlers::{is_in_handler, run_handler};
use report::Handler;

/// Whether there is a handler. Calls look only here while there is none.
static IS_ENABLED: AtomicBool = AtomicBool::new(false);

/// Read and replaced without a lock, so that a fork cannot leave one locked.
static HANDLER: ArcSwapOption<Handler> = ArcSwapOption::const_empty();

/// Reports each call that starts from now on to `handler`, when it is over. It replaces the previous
/// handler of the process, which may still be running on other threads. Calls in progress that started
/// under the previous handler are not reported.
///
/// The handler runs on the thread of the call, for a call of a [`Queue`](crate::Queue) in
/// [`Queue::next`](crate::Queue::next) or when the queue is dropped, possibly on several threads at once.
/// A panic in it does not change the result of the call.
///
/// The handler may use the library. Calls that it starts are neither reported nor logged by a log handler, nor
/// are calls that end because it drops their queue. [`Queue::next`](crate::Queue::next) is not allowed in it.
///
/// A call that fails before it starts is not reported either: its operation is unknown, its tag is in use,
/// or its queue belongs to the parent process.
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
    if is_in_handler() {
        return None;
    }
    // Two threads may set and remove a handler at once, and leave the flag set.
    let handler = HANDLER.load().as_ref().map(Arc::downgrade)?;
    Some(Arc::new(Recorder::start(handler)))
}

/// Passes the event of a call to its handler, unless that was removed meanwhile. The call must hold
/// nothing that others wait for.
#[cold]
pub(crate) fn report(report: &Report) {
    if let Some(handler) = HANDLER.load_full() {
        run_handler(move || {
            if report.is_for(&handler) {
                handler(&report.event);
            }
        });
    }
}
