//! One call of a queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use super::wake_list::WakeList;
use crate::client::Client;
use crate::error::Error;
use crate::logging;
use crate::net::{CallContext, Progress, QueueWaiter, Waiter};
use crate::operations::Operation;

/// A call in progress.
pub(super) struct Task {
    pub(super) tag: u64,
    pub(super) key: u64,
    /// Whether the call is in the list of those that can be continued.
    pub(super) is_ready: bool,
    /// The time of the call in the list of timers.
    pub(super) timer: Option<Instant>,
    operation: &'static Operation,
    start: Instant,
    waker: Waker,
    state: Arc<TaskState>,
    future: Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>,
}

/// What a call shares with the queue.
struct TaskState {
    waiter: Waiter<'static>,
    progress: Progress,
}

/// Continues a call.
struct TaskWaker {
    key: u64,
    wake_list: Arc<WakeList>,
}

impl Task {
    pub(super) fn new(
        client: Arc<Client>,
        queue: u64,
        wake_list: &Arc<WakeList>,
        operation: &'static Operation,
        request: String,
        tag: u64,
        key: u64,
    ) -> Task {
        let waker: Waker = Arc::new(TaskWaker {
            key,
            wake_list: Arc::clone(wake_list),
        })
        .into();
        let state = Arc::new(TaskState {
            waiter: Waiter::Queue(QueueWaiter {
                queue,
                key,
                poller: Arc::clone(&wake_list.poller),
                waker: waker.clone(),
                wake_at: Mutex::default(),
            }),
            progress: Progress::default(),
        });
        let call_state = Arc::clone(&state);
        let future = Box::pin(async move {
            let context = CallContext::new(&call_state.waiter, &call_state.progress);
            client.engine.call(operation, &request, context).await
        });
        Task {
            tag,
            key,
            is_ready: false,
            timer: None,
            operation,
            start: Instant::now(),
            waker,
            state,
            future,
        }
    }

    /// Runs the first part of the call, which checks the request.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] or [`Error::Config`] if the request is invalid.
    pub(super) fn check(mut self) -> Result<Task, Error> {
        match self.poll() {
            Poll::Pending => Ok(self),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(_)) => Err(Error::internal("starting a call")),
        }
    }

    /// Continues the call.
    pub(super) fn poll(&mut self) -> Poll<Result<String, Error>> {
        let mut context = Context::from_waker(&self.waker);
        let future = AssertUnwindSafe(|| self.future.as_mut().poll(&mut context));
        catch_unwind(future)
            .unwrap_or_else(|_| Poll::Ready(Err(Error::internal("running a queued call"))))
    }

    /// When the call has to be continued even if nothing is ready.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        match &self.state.waiter {
            Waiter::Queue(waiter) => waiter.wake_at(),
            Waiter::Thread(_) => None,
        }
    }

    /// Ends the call. Its connection is closed.
    pub(super) fn cancel(self) -> Error {
        let Task {
            operation,
            start,
            state,
            future,
            ..
        } = self;
        drop(future);
        let progress = &state.progress;
        let error = Error::cancelled(progress.outcome()).with_attempts(progress.attempts());
        let result: Result<(), Error> = Err(error.clone());
        logging::log_result(operation.name, start.elapsed(), &result);
        error
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_list.wake(self.key);
    }
}
