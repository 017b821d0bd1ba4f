//! One call of a queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use super::wake_list::WakeList;
use crate::call::WARM_UP;
use crate::client::Client;
use crate::error::Error;
use crate::events::{self, Report};
use crate::logging;
use crate::memory::{self, Shortage};
use crate::net::{CallContext, Progress, QueueWaiter, Waiter};
use crate::operations::Operation;
use crate::status::Outcome;

/// A call in progress.
pub(super) struct Task {
    pub(super) tag: u64,
    pub(super) key: u64,
    /// Whether the call is in the list of those that can be continued.
    pub(super) is_ready: bool,
    /// The time of the call in the list of timers.
    pub(super) timer: Option<Instant>,
    name: &'static str,
    start: Instant,
    client: Arc<Client>,
    state: Arc<TaskState>,
    /// How scarce memory has been during the call.
    shortage: Shortage,
    future: Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>,
}

/// What a call of a queue does.
pub(super) enum Work {
    /// Calls the operation with this request.
    Call(&'static Operation, String),
    /// Opens a connection.
    WarmUp,
}

impl Work {
    /// The name in log lines.
    fn name(&self) -> &'static str {
        match self {
            Work::Call(operation, _) => operation.name,
            Work::WarmUp => WARM_UP,
        }
    }

    async fn run(self, client: Arc<Client>, state: Arc<TaskState>) -> Result<String, Error> {
        let context = CallContext::new(&state.waiter, &state.progress);
        match self {
            Work::Call(operation, request) => {
                client.engine.call(operation, &request, context).await
            }
            Work::WarmUp => client
                .engine
                .warm_up(context)
                .await
                .map(|()| "{}".to_owned()),
        }
    }
}

/// What a call shares with the queue.
struct TaskState {
    key: u64,
    wake_list: Arc<WakeList>,
    waiter: Waiter<'static>,
    progress: Progress,
}

/// Continues a call. Others, such as a DNS lookup, may keep it longer than the call and its queue.
struct TaskWaker(Weak<TaskState>);

impl Task {
    pub(super) fn new(
        client: Arc<Client>,
        work: Work,
        queue: u64,
        wake_list: &Arc<WakeList>,
        tag: u64,
        key: u64,
    ) -> Task {
        let start = Instant::now();
        let state = Arc::new_cyclic(|state| TaskState {
            key,
            wake_list: Arc::clone(wake_list),
            waiter: Waiter::Queue(QueueWaiter::new(
                queue,
                key,
                Arc::clone(&wake_list.poller),
                Arc::new(TaskWaker(Weak::clone(state))).into(),
            )),
            progress: Progress::new(start, events::start_recording()),
        });
        let name = work.name();
        let future = Box::pin(work.run(Arc::clone(&client), Arc::clone(&state)));
        Task {
            tag,
            key,
            is_ready: false,
            timer: None,
            name,
            start,
            client,
            state,
            shortage: Shortage::None,
            future,
        }
    }

    /// Runs the first part of the call, which checks the request.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] or [`Error::Config`] if the request is invalid, and [`Error::Memory`].
    pub(super) fn check(mut self) -> Result<Task, (Error, Option<Box<Report>>)> {
        let error = match self.poll() {
            Poll::Pending if self.shortage > Shortage::None => Error::memory(Outcome::NotSent),
            Poll::Pending => return Ok(self),
            Poll::Ready(Err(error)) => error,
            Poll::Ready(Ok(_)) => Error::internal("starting a call"),
        };
        Err(self.fail(error))
    }

    /// Ends a call that has sent nothing.
    pub(super) fn fail(self, error: Error) -> (Error, Option<Box<Report>>) {
        let event = self.event(Some(&error)).map(Box::new);
        (error, event)
    }

    /// Continues the call.
    pub(super) fn poll(&mut self) -> Poll<Result<String, Error>> {
        // Calls wait by way of their `Waiter`.
        let mut context = Context::from_waker(Waker::noop());
        let future = AssertUnwindSafe(|| self.future.as_mut().poll(&mut context));
        let watch = memory::Watch::start(self.shortage);
        let polled = catch_unwind(future)
            .unwrap_or_else(|_| Poll::Ready(Err(Error::internal("running a queued call"))));
        self.shortage = watch.shortage();
        polled
    }

    /// When the call has to be continued even if nothing is ready.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        match &self.state.waiter {
            Waiter::Queue(waiter) => waiter.wake_at(),
            _ => None,
        }
    }

    /// The event of the call, which is over. `None` if it is not to be reported.
    pub(super) fn event(&self, error: Option<&Error>) -> Option<Report> {
        self.state.progress.finish(self.name, Some(self.tag), error)
    }

    /// Ends the call. Its connection is closed. The event says why the call ended.
    pub(super) fn end(self) -> (Error, Option<Report>) {
        let Task {
            name,
            tag,
            state,
            future,
            ..
        } = self;
        drop(future);
        let progress = &state.progress;
        let error = Error::cancelled(progress.outcome()).with_attempts(progress.attempts());
        let event = progress.finish(name, Some(tag), Some(&error));
        (error, event)
    }

    /// Like [`Task::end`], and logs the result.
    pub(super) fn cancel(self) -> (Error, Option<Report>) {
        let (name, start, client) = (self.name, self.start, Arc::clone(&self.client));
        let (error, event) = self.end();
        let result: Result<(), Error> = Err(error.clone());
        // The result counts, not what becomes of the log line.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            logging::log_result(client.engine.log(), name, || start.elapsed(), &result);
        }));
        (error, event)
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(state) = self.0.upgrade() {
            state.wake_list.wake(state.key);
        }
    }
}
