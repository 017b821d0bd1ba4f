//! Calls that do not block: any number of them, on the thread that calls [`Queue::next`].

mod inbox;
mod runner;
mod shared;
mod task;
mod wake_list;

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::Client;
use crate::error::Error;
use crate::events;
use crate::handlers::is_in_handler;
use crate::net::Poller;
use crate::operations::Operation;
use crate::os::Readiness;
use crate::status::Outcome;
use runner::Runner;
use shared::Shared;
use task::{Task, Work};
use wake_list::WakeList;

pub use runner::{Completion, Next};

/// Calls in progress. They share one descriptor, which is readable while there is something to do: wait
/// for it in an event loop and call [`Queue::next`], or let `next` wait.
///
/// A queue has no thread. Calls make progress in `next` only. [`Queue::submit`], [`Queue::cancel`] and
/// [`Queue::wake`] may be called on any thread at any time. When a queue is dropped, its calls end.
pub struct Queue {
    /// The number of the queue in this process.
    id: u64,
    shared: Shared,
    runner: Mutex<Runner>,
    /// Whether the host program counts on a call: a thread is in `next`, or `next` has not said that there
    /// is no call.
    is_awaited: AtomicBool,
}

impl Queue {
    /// Creates a queue.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] if the process has no descriptors left.
    pub fn new() -> Result<Queue, Error> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let wake_list = WakeList::new().map_err(|error| {
            Error::network(
                format!("could not create a queue: raise the limit of open files ({error})"),
                Outcome::NotSent,
            )
        })?;
        let queue = Queue {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            shared: Shared::new(wake_list),
            runner: Mutex::default(),
            is_awaited: AtomicBool::new(false),
        };
        Error::check_memory().map(|()| queue)
    }

    /// Starts a call of a client. `tag` is a number of the caller's choice; two calls in progress must not
    /// share one. The deadline of the call counts from now.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] or [`Error::Config`] if the operation or the request is invalid, and
    /// [`Error::Memory`]. Then `next` reports nothing. Later errors come from `next`.
    pub fn submit(
        &self,
        client: &Arc<Client>,
        operation: &str,
        request: String,
        tag: u64,
    ) -> Result<(), Error> {
        let operation = Operation::by_name(operation)?;
        self.start(client, Work::Call(operation, request), tag)
    }

    /// Starts to open a connection before it is needed; see [`Client::warm_up`]. The result is `{}`.
    ///
    /// # Errors
    ///
    /// As [`Queue::submit`].
    pub fn submit_warm_up(&self, client: &Arc<Client>, tag: u64) -> Result<(), Error> {
        self.start(client, Work::WarmUp, tag)
    }

    fn start(&self, client: &Arc<Client>, work: Work, tag: u64) -> Result<(), Error> {
        self.require_this_process()?;
        let key = self.shared.lock_inbox().reserve(tag)?;
        let wake_list = &self.shared.wake_list;
        let task = Task::new(Arc::clone(client), work, self.id, wake_list, tag, key);
        let submitted = task
            .check()
            .and_then(|task| self.shared.lock_inbox().submit(task));
        match submitted {
            Ok(()) => {
                self.poller().wake();
                Ok(())
            }
            Err((error, event)) => {
                let mut inbox = self.shared.lock_inbox();
                inbox.release(tag);
                let is_idle = inbox.is_idle();
                drop(inbox);
                // The host program may have waited for this call.
                if is_idle && self.is_awaited.load(Ordering::SeqCst) {
                    self.poller().wake();
                }
                event.as_deref().into_iter().for_each(events::report);
                Err(error)
            }
        }
    }

    /// Continues all calls that can be continued, and returns one that has finished. Waits for it at
    /// most for `timeout`; `None` stands for no limit.
    ///
    /// Returns [`Next::Pending`] early after [`Queue::wake`], and if a signal handler ran.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if another thread is in `next` already, in a log or event handler, and in a forked
    /// child. [`Error::Network`] if the operating system fails, and [`Error::Memory`]: no call is lost, and
    /// another `next` continues them.
    pub fn next(&self, timeout: Option<Duration>) -> Result<Next, Error> {
        self.require_this_process()?;
        if is_in_handler() {
            return Err(Error::argument(
                "`next` of a queue was called in a log or event callback: call it after the callback has returned",
            ));
        }
        let mut runner = match self.runner.try_lock() {
            Ok(runner) => runner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::argument(
                    "another thread or a callback is in `next` of this queue: call it from one place at a time",
                ));
            }
        };
        // A time that is too late for the clock is no limit.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.is_awaited.store(true, Ordering::SeqCst);
        let next = runner.next(&self.shared, deadline);
        let is_awaited = !matches!(next, Ok(Next::Idle));
        self.is_awaited.store(is_awaited, Ordering::SeqCst);
        let reports = runner.take_reports();
        drop(runner);
        reports.iter().for_each(events::report);
        next.map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => Error::memory(Outcome::Unknown),
            _ => Error::network(format!("waiting failed ({error})"), Outcome::Unknown),
        })
    }

    /// Cancels a call: `next` reports it with [`Error::Cancelled`], unless it has finished already. Its
    /// connection is closed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if no call has this tag, [`Error::Argument`] in a forked child, and
    /// [`Error::Memory`].
    pub fn cancel(&self, tag: u64) -> Result<(), Error> {
        self.require_this_process()?;
        self.shared.lock_inbox().cancel(tag)?;
        self.poller().wake();
        Ok(())
    }

    /// Lets the current or, if there is none, the following [`Queue::next`] return at once. Several
    /// calls before that count as one. Safe in a signal handler.
    pub fn wake(&self) {
        if self.belongs_to_this_process() {
            self.shared.is_wake_requested.store(true, Ordering::SeqCst);
            self.poller().wake();
        }
    }

    /// When `next` has to be called even if the descriptor is not readable. `None`: never, since timers
    /// make the descriptor readable as well.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        None
    }

    /// What an event loop waits for: it is ready exactly while `next` has something to do.
    #[must_use]
    pub fn readiness(&self) -> Readiness<'_> {
        self.poller().readiness()
    }

    /// False in a forked child of the process that created the queue. It cannot be used there.
    #[must_use]
    pub fn belongs_to_this_process(&self) -> bool {
        self.poller().belongs_to_this_process()
    }

    fn poller(&self) -> &Poller {
        &self.shared.wake_list.poller
    }

    fn require_this_process(&self) -> Result<(), Error> {
        if self.belongs_to_this_process() {
            return Ok(());
        }
        Err(Error::argument(
            "this queue belongs to the parent process: create another one in this process",
        ))
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if self.belongs_to_this_process() {
            let mut runner = std::mem::take(&mut self.runner);
            let runner = runner.get_mut().unwrap_or_else(PoisonError::into_inner);
            runner.end_all(&self.shared);
            runner.take_reports().iter().for_each(events::report);
            return;
        }
        // Another thread of the parent may have been changing the calls when this process was forked.
        // Then nothing of them can be used, not even to free it.
        let is_intact = self.runner.try_lock().is_ok() && self.shared.is_intact();
        if !is_intact {
            std::mem::forget(std::mem::take(&mut self.runner));
            std::mem::forget(std::mem::take(&mut self.shared.inbox));
            std::mem::forget(Arc::clone(&self.shared.wake_list));
        }
    }
}
