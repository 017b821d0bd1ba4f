//! The event of a call on its way to a handler.

use std::sync::{Arc, Weak};

use super::call_event::CallEvent;

pub(super) type Handler = Box<dyn Fn(&CallEvent) + Send + Sync>;

/// The event of a call that is over, for the handler that was set when the call started.
pub(crate) struct Report {
    pub(super) event: CallEvent,
    /// A weak reference: it does not keep the handler, and its address is not used again.
    pub(super) handler: Weak<Handler>,
}

impl Report {
    pub(super) fn is_for(&self, handler: &Arc<Handler>) -> bool {
        Arc::as_ptr(handler) == self.handler.as_ptr()
    }
}
