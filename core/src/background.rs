//! Calls on threads of their own, for callers that must not wait: one thread per call, none between.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::client::Client;
use crate::error::{Error, Failure};
use crate::status::Outcome;
use crate::sys;

/// What a thread has for one call: twice what TLS and the readers of JSON take at their deepest.
const STACK: usize = 512 << 10;

impl Client {
    /// Performs an operation by name on a thread of its own, which lives only as long as the call and
    /// takes no signal of the host's. `done` is given the result on that thread.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] when the system allows no thread; then `done` is not called.
    pub fn call_in_background(
        self: &Arc<Self>,
        operation: String,
        request: String,
        done: impl FnOnce(Result<String, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        let client = Arc::clone(self);
        let work = move || {
            let result = catch_unwind(AssertUnwindSafe(|| client.call(&operation, &request)));
            drop(client);
            done(result.unwrap_or_else(|_| Err(Error::internal("in a call in the background"))));
        };
        let thread = std::thread::Builder::new()
            .name("descope_ml".to_owned())
            .stack_size(STACK);
        let started = sys::without_signals(|| thread.spawn(work));
        started.map(drop).map_err(|error| {
            Error::Network(Failure::new(
                format!("the system allows no thread for the call: raise its limit ({error})"),
                Outcome::NotSent,
            ))
        })
    }
}
