//! Calls on a thread of their own, for callers that must not block. There is no thread between calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Client;
use crate::error::Error;
use crate::os::{self, THREAD_NAME_PREFIX};
use crate::status::Outcome;

/// The stack of a call: twice what TLS and the JSON parser need at most.
const CALL_STACK: usize = 512 << 10;

impl Client {
    /// Calls an operation by name on a new thread, which ends with the call and handles no signals.
    /// `on_done` receives the result on that thread.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] if the system cannot start a thread. Then `on_done` is not called.
    pub fn call_in_background(
        self: &Arc<Self>,
        operation: String,
        request: String,
        on_done: impl FnOnce(Result<String, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        let client = Arc::clone(self);
        let run_call = move || {
            let result = catch_unwind(AssertUnwindSafe(|| client.call(&operation, &request)));
            drop(client);
            on_done(result.unwrap_or_else(|_| Err(Error::internal("running a background call"))));
        };
        let thread = std::thread::Builder::new()
            .name(format!("{THREAD_NAME_PREFIX}call"))
            .stack_size(CALL_STACK);
        let started = os::with_signals_blocked(|| thread.spawn(run_call));
        started.map(drop).map_err(|error| {
            Error::network(
                format!("could not start a thread for the call: raise the thread limit ({error})"),
                Outcome::NotSent,
            )
        })
    }
}
