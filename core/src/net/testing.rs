//! A blocking call for the unit tests of this layer.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::attempt_context::{AttemptContext, Step};
use super::call_context::{CallContext, Progress};
use super::waiter::Waiter;

/// Runs `work` as a step of a blocking call.
pub(super) fn with_blocking_step<T>(deadline: Instant, work: impl AsyncFnOnce(Step<'_>) -> T) -> T {
    let waiter = Waiter::blocking(None);
    let progress = Progress::default();
    let attempt = AttemptContext::new(CallContext::new(&waiter, &progress), deadline);
    let future = pin!(work(attempt.step()));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a blocking call returned before its end"),
    }
}
