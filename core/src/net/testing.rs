//! Blocking calls for the unit tests.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::attempt_context::{AttemptContext, Step};
use super::call_context::{CallContext, Progress};
use super::interrupt::Interrupt;
use super::waiter::Waiter;

/// Runs `work` as a blocking call.
pub(crate) fn in_blocking_call<T>(work: impl AsyncFnOnce(CallContext<'_>) -> T) -> T {
    let waiter = Waiter::blocking(Interrupt::Never);
    let progress = Progress::new(Instant::now(), None);
    let work = pin!(work(CallContext::new(&waiter, &progress)));
    match work.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a blocking call returned before its end"),
    }
}

/// Runs `work` as a step of a blocking call.
pub(super) fn with_blocking_step<T>(deadline: Instant, work: impl AsyncFnOnce(Step<'_>) -> T) -> T {
    in_blocking_call(async |context: CallContext<'_>| {
        let attempt = AttemptContext::new(context, deadline);
        work(attempt.step()).await
    })
}
