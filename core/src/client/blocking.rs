//! Blocking calls: the thread of the caller runs the call, and waits for it in the operating system.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::Client;
use crate::call::WARM_UP;
use crate::error::Error;
use crate::events;
use crate::json::Object;
use crate::net::{CallContext, Interrupt, InterruptCheck, Progress, SignalInterrupt, Waiter};
use crate::operations::Operation;

impl Client {
    /// Calls an operation by name, such as `magiclink/signin/sms`. The request is a JSON document, the
    /// result is the response of the service, a JSON object.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn call(&self, operation: &str, request: &str) -> Result<String, Error> {
        let operation = Operation::by_name(operation)?;
        self.block_on(operation.name, None, async |context| {
            self.engine.call(operation, request, context).await
        })
    }

    /// Like [`Client::call`], for host programs that handle signals: `is_interrupted` is called on this
    /// thread at least every 50 ms while the call waits. If it returns true, the call ends with
    /// [`Error::Cancelled`].
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn call_interruptible(
        &self,
        operation: &str,
        request: &str,
        is_interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<String, Error> {
        let operation = Operation::by_name(operation)?;
        self.block_on(operation.name, Some(is_interrupted), async |context| {
            self.engine.call(operation, request, context).await
        })
    }

    /// Calls an operation by name if that needs no network. `None` if it does: then nothing has happened.
    /// For callers that must not block.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn try_call_local(&self, operation: &str, request: &str) -> Result<Option<String>, Error> {
        let operation = Operation::by_name(operation)?;
        let call = async |context: CallContext<'_>| {
            self.engine.call_locally(operation, request, context).await
        };
        run(operation.name, None, None, call, |result| {
            !matches!(result, Ok(None))
        })
    }

    /// Opens a connection before it is needed (DNS, TCP, proxy, TLS), without a request. The next call of
    /// any thread that needs a connection uses it, until the idle timeout. If an idle connection exists,
    /// no new one is opened.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`], [`Error::Timeout`], or [`Error::Config`] without a project.
    pub fn warm_up(&self) -> Result<(), Error> {
        self.block_on(WARM_UP, None, async |context| {
            self.engine.warm_up(context).await
        })
    }

    /// Like [`Client::warm_up`], interruptible as [`Client::call_interruptible`].
    ///
    /// # Errors
    ///
    /// As [`Client::warm_up`], and [`Error::Cancelled`].
    pub fn warm_up_interruptible(
        &self,
        is_interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Error> {
        self.block_on(WARM_UP, Some(is_interrupted), async |context| {
            self.engine.warm_up(context).await
        })
    }

    /// Executes an operation of the typed API.
    pub(super) fn execute(
        &self,
        operation: &Operation,
        request: &Object<'_>,
    ) -> Result<String, Error> {
        self.block_on(operation.name, None, async |context| {
            self.engine.execute(operation, request, context).await
        })
    }

    /// Runs a call on this thread, and reports it. It ends early if the host program says so when it is asked;
    /// without a question, a signal ends it if the client is configured for that.
    pub(super) fn block_on<T>(
        &self,
        operation: &'static str,
        check: Option<InterruptCheck<'_>>,
        call: impl AsyncFnOnce(CallContext<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let is_ended_by_signals = check.is_none() && self.engine.is_interruptible();
        let signals = is_ended_by_signals
            .then(|| SignalInterrupt::new(&self.engine.logger))
            .flatten();
        run(operation, check, signals, call, |_| true)
    }
}

/// Runs a call on this thread. All its waits block, so it ends when it is polled once. `is_over` says
/// whether the result is that of a call, which is to be reported.
fn run<T>(
    operation: &'static str,
    check: Option<InterruptCheck<'_>>,
    signals: Option<Box<SignalInterrupt<'_>>>,
    call: impl AsyncFnOnce(CallContext<'_>) -> Result<T, Error>,
    is_over: impl FnOnce(&Result<T, Error>) -> bool,
) -> Result<T, Error> {
    let progress = Progress::new(Instant::now(), events::start_recording());
    let panic_report = PanicReport {
        operation,
        progress: &progress,
        signals,
    };
    let polled = {
        let interrupt = match (check, &panic_report.signals) {
            (Some(check), _) => Interrupt::Check(check),
            (None, Some(signals)) => Interrupt::Signals(signals),
            (None, None) => Interrupt::Never,
        };
        let waiter = Waiter::blocking(interrupt);
        let call = pin!(call(CallContext::new(&waiter, &progress)));
        call.poll(&mut Context::from_waker(Waker::noop()))
    };
    panic_report.disarm();
    let result = match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::internal("waiting for a call")),
    };
    if progress.is_recorded() && is_over(&result) {
        report(operation, &progress, result.as_ref().err());
    }
    result
}

/// Reports a call that ends with a panic, when it is dropped. It has the signals of the call: the code of the host
/// program runs when they are no longer blocked.
struct PanicReport<'a> {
    operation: &'static str,
    progress: &'a Progress,
    signals: Option<Box<SignalInterrupt<'a>>>,
}

impl PanicReport<'_> {
    /// There is no panic.
    fn disarm(mut self) {
        drop(self.signals.take());
        std::mem::forget(self);
    }
}

impl Drop for PanicReport<'_> {
    fn drop(&mut self) {
        drop(self.signals.take());
        let error = Error::internal("running a call");
        report(self.operation, self.progress, Some(&error));
    }
}

#[cold]
fn report(operation: &'static str, progress: &Progress, error: Option<&Error>) {
    if let Some(finished) = progress.finish(operation, None, error) {
        events::report(&finished);
    }
}
