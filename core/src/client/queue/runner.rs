//! Runs the calls of a queue: those that are ready, in turn.

use std::collections::{BTreeSet, HashMap, TryReserveError, VecDeque};
use std::fmt;
use std::io;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::shared::Shared;
use super::task::Task;
use crate::error::Error;
use crate::events::Report;
use crate::net::Wait;

/// How many calls are continued before `next` looks for results and new events, so that a busy queue does
/// not keep the event loop of the host program waiting.
const MAX_BATCH: usize = 64;

/// A call that has finished. `Debug` does not show the response, which may contain tokens.
pub struct Completion {
    /// The number that the caller gave to the call.
    pub tag: u64,
    /// The response, as from [`Client::call`](crate::Client::call).
    pub result: Result<String, Error>,
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completion")
            .field("tag", &self.tag)
            .field("result", &self.result.as_ref().map(|_| "…"))
            .finish()
    }
}

/// What [`Queue::next`](crate::Queue::next) found.
#[derive(Debug)]
pub enum Next {
    /// A call has finished.
    Finished(Completion),
    /// No call has finished yet.
    Pending,
    /// There is no call.
    Idle,
}

/// The calls of a queue, as the thread in `next` sees them.
#[derive(Default)]
pub(super) struct Runner {
    tasks: HashMap<u64, Task>,
    /// The keys of calls that can be continued, in turn.
    ready: VecDeque<u64>,
    finished: VecDeque<Completion>,
    /// The events of calls that are over.
    reports: Vec<Report>,
    /// When which calls have to be continued even if nothing is ready.
    timers: BTreeSet<(Instant, u64)>,
    /// What the timer of the poller is set to. It may be too early.
    armed: Option<Instant>,
    events: Vec<u64>,
}

impl Runner {
    /// See [`super::Queue::next`]. Afterwards the descriptor says when to come back.
    pub(super) fn next(&mut self, shared: &Shared, deadline: Option<Instant>) -> io::Result<Next> {
        let next = self.find_next(shared, deadline);
        let has_work = !self.ready.is_empty() || !self.finished.is_empty();
        let poller = &shared.wake_list.poller;
        let mut is_armed = true;
        if !has_work {
            // In this order: on some systems, `sleep` looks whether the time is over.
            is_armed = self.arm_timer(shared).is_ok();
            poller.sleep();
        }
        // Another thread's `submit` may have failed: then there is no call to wait for any more.
        let is_over = matches!(next, Ok(Next::Pending)) && shared.lock_inbox().is_idle();
        if has_work || is_over || shared.has_work() || !is_armed {
            poller.wake();
        }
        next
    }

    /// The events of the calls that are over. They are reported when nothing of the queue is locked.
    pub(super) fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Ends all calls.
    pub(super) fn end_all(&mut self, shared: &Shared) {
        let submitted = std::mem::take(&mut shared.lock_inbox().submitted);
        let tasks = self.tasks.drain().map(|(_, task)| task);
        for task in submitted.into_iter().chain(tasks) {
            let (_, event) = task.end();
            self.reports.extend(event);
        }
    }

    fn find_next(&mut self, shared: &Shared, deadline: Option<Instant>) -> io::Result<Next> {
        loop {
            // Before anything else: a busy queue then needs no system call for each result.
            if let Some(completion) = self.finished.pop_front() {
                shared.is_wake_requested.store(false, Ordering::SeqCst);
                shared.lock_inbox().release(completion.tag);
                return Ok(Next::Finished(completion));
            }
            shared.wake_list.poller.sleep();
            let is_woken = shared.is_wake_requested.swap(false, Ordering::SeqCst);
            if self.take_inbox(shared)? {
                return Ok(Next::Idle);
            }
            if self.finished.is_empty() {
                let wait = self.wait_for_events(shared, deadline, is_woken)?;
                self.run_ready();
                let is_over = deadline.is_some_and(|deadline| deadline <= Instant::now());
                let is_over = is_over || is_woken || wait == Wait::Interrupted;
                if self.finished.is_empty() && is_over {
                    return Ok(Next::Pending);
                }
            }
        }
    }

    /// Takes what other threads have left. Returns true if there is no call at all.
    fn take_inbox(&mut self, shared: &Shared) -> Result<bool, TryReserveError> {
        let mut inbox = shared.lock_inbox();
        self.make_room(inbox.submitted.len(), inbox.cancelled.len())?;
        let is_idle = inbox.is_idle();
        let submitted = std::mem::take(&mut inbox.submitted);
        let cancelled = std::mem::take(&mut inbox.cancelled);
        drop(inbox);
        shared.wake_list.take(&mut self.events);
        if is_idle {
            // What was left is about calls that are over.
            self.events.clear();
            return Ok(true);
        }
        for task in submitted {
            self.events.push(task.key);
            self.tasks.insert(task.key, task);
        }
        self.events_are_ready();
        for key in cancelled {
            if let Some(task) = self.remove(key) {
                let tag = task.tag;
                let (error, event) = task.cancel();
                self.reports.extend(event);
                let result = Err(error);
                self.finished.push_back(Completion { tag, result });
            }
        }
        Ok(false)
    }

    /// Makes room for so many calls that were submitted, so many that were cancelled, and the results of those that
    /// are continued next.
    fn make_room(&mut self, submitted: usize, cancelled: usize) -> Result<(), TryReserveError> {
        self.tasks.try_reserve(submitted)?;
        self.events.try_reserve(submitted)?;
        self.ready.try_reserve(submitted)?;
        self.finished.try_reserve(cancelled + MAX_BATCH)
    }

    /// Waits until a call can be continued. Does not wait if one can already.
    fn wait_for_events(
        &mut self,
        shared: &Shared,
        deadline: Option<Instant>,
        is_woken: bool,
    ) -> io::Result<Wait> {
        // If that fails, the host program has closed the timer. The timeout ends the wait as well.
        let _ = self.arm_timer(shared);
        let timeout = if is_woken || !self.ready.is_empty() {
            Some(Duration::ZERO)
        } else {
            let first = self.timers.first().map(|(at, _)| *at);
            let until = deadline.into_iter().chain(first).min();
            until.map(|until| until.saturating_duration_since(Instant::now()))
        };
        let wait = shared.wake_list.poller.wait(&mut self.events, timeout)?;
        self.events_are_ready();
        self.expired_are_ready();
        Ok(wait)
    }

    fn events_are_ready(&mut self) {
        for key in std::mem::take(&mut self.events) {
            self.is_ready(key);
        }
    }

    fn expired_are_ready(&mut self) {
        let now = Instant::now();
        while let Some(&(at, key)) = self.timers.first().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, key));
            if let Some(task) = self.tasks.get_mut(&key) {
                task.timer = None;
                self.is_ready(key);
            }
        }
    }

    fn is_ready(&mut self, key: u64) {
        if let Some(task) = self.tasks.get_mut(&key) {
            if !std::mem::replace(&mut task.is_ready, true) {
                self.ready.push_back(key);
            }
        }
    }

    /// Sets the timer of the poller. A time that is too early costs one wake-up, and saves a system call
    /// for each call. A time that has come is replaced: until then the descriptor stays readable.
    fn arm_timer(&mut self, shared: &Shared) -> io::Result<()> {
        let now = Instant::now();
        let first = self.timers.first().map(|(at, _)| *at);
        let is_right = match (first, self.armed) {
            (Some(first), Some(armed)) => now < armed && armed <= first,
            (None, Some(_)) | (Some(_), None) => false,
            (None, None) => true,
        };
        if !is_right {
            shared.wake_list.poller.set_timer(first, now)?;
            self.armed = first;
        }
        Ok(())
    }

    fn run_ready(&mut self) {
        for _ in 0..MAX_BATCH {
            let Some(key) = self.ready.pop_front() else {
                return;
            };
            self.run(key);
        }
    }

    fn run(&mut self, key: u64) {
        let Some(task) = self.tasks.get_mut(&key) else {
            return;
        };
        task.is_ready = false;
        if let Poll::Ready(result) = task.poll() {
            let tag = task.tag;
            self.reports.extend(task.event(result.as_ref().err()));
            self.remove(key);
            self.finished.push_back(Completion { tag, result });
            return;
        }
        // A later time is noticed when the earlier one has come.
        let timer = task.timer;
        let wake_at = task.wake_at();
        if let Some(at) = wake_at.filter(|at| timer.is_none_or(|timer| *at < timer)) {
            if let Some(timer) = task.timer.replace(at) {
                self.timers.remove(&(timer, key));
            }
            self.timers.insert((at, key));
        }
    }

    fn remove(&mut self, key: u64) -> Option<Task> {
        let task = self.tasks.remove(&key)?;
        if task.is_ready {
            self.ready.retain(|ready| *ready != key);
        }
        if let Some(timer) = task.timer {
            self.timers.remove(&(timer, key));
        }
        Some(task)
    }
}
