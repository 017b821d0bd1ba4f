//! Limits how many connections the calls of a client use at the same time. Others wait in turn.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::attempt_context::Step;
use super::transport_error::TransportError;
use crate::os::ProcessMark;

/// Counts the connections in use.
pub(super) struct ConnectionLimit {
    /// `None`: no limit.
    max: Option<NonZeroUsize>,
    in_use: AtomicUsize,
    /// The length of `waiting`. While it is zero, no lock is needed.
    waiting_count: AtomicUsize,
    /// The calls that wait, the first one first.
    waiting: Mutex<VecDeque<Arc<WaitingCall>>>,
    process: ProcessMark,
}

struct WaitingCall {
    waker: Waker,
    is_granted: AtomicBool,
}

/// The right to use one connection, until it is dropped.
pub(crate) struct Permit<'a>(&'a ConnectionLimit);

/// A place in the queue of a limit. It gives back what the call no longer wants.
struct Place<'a> {
    limit: &'a ConnectionLimit,
    call: Arc<WaitingCall>,
    is_taken: bool,
}

impl ConnectionLimit {
    pub(super) fn new(max: Option<NonZeroUsize>) -> ConnectionLimit {
        ConnectionLimit {
            max,
            in_use: AtomicUsize::new(0),
            waiting_count: AtomicUsize::new(0),
            waiting: Mutex::default(),
            process: ProcessMark::current(),
        }
    }

    /// Waits until one more connection may be used.
    ///
    /// # Errors
    ///
    /// [`TransportError::Timeout`] or [`TransportError::Cancelled`].
    pub(super) async fn permit(&self, step: Step<'_>) -> Result<Permit<'_>, TransportError> {
        let nobody_waits = self.waiting_count.load(Ordering::SeqCst) == 0;
        if nobody_waits && self.try_take() {
            return Ok(Permit(self));
        }
        let mut place = self.enqueue(step.call().waker());
        while !place.call.is_granted.load(Ordering::SeqCst) {
            step.wait_for_waker().await?;
        }
        place.is_taken = true;
        Ok(Permit(self))
    }

    fn try_take(&self) -> bool {
        let max = self.max.map_or(usize::MAX, NonZeroUsize::get);
        let one_more = |in_use: usize| (in_use < max).then_some(in_use + 1);
        self.in_use
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more)
            .is_ok()
    }

    fn enqueue(&self, waker: Waker) -> Place<'_> {
        let call = Arc::new(WaitingCall {
            waker,
            is_granted: AtomicBool::new(false),
        });
        let mut waiting = self.lock();
        waiting.push_back(Arc::clone(&call));
        self.waiting_count.store(waiting.len(), Ordering::SeqCst);
        // A connection may have become free before this call was counted.
        self.grant(waiting);
        Place {
            limit: self,
            call,
            is_taken: false,
        }
    }

    /// Hands free connections to the calls that wait.
    fn grant(&self, mut waiting: MutexGuard<'_, VecDeque<Arc<WaitingCall>>>) {
        let mut granted = Vec::new();
        while !waiting.is_empty() && self.try_take() {
            if let Some(call) = waiting.pop_front() {
                call.is_granted.store(true, Ordering::SeqCst);
                granted.push(call);
            }
        }
        self.waiting_count.store(waiting.len(), Ordering::SeqCst);
        drop(waiting);
        granted.iter().for_each(|call| call.waker.wake_by_ref());
    }

    fn give_back(&self) {
        // A forked child gives nothing back: the lock may be held by a thread that it does not have.
        if !self.process.is_current() {
            return;
        }
        self.in_use.fetch_sub(1, Ordering::SeqCst);
        if self.waiting_count.load(Ordering::SeqCst) > 0 {
            self.grant(self.lock());
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<WaitingCall>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.is_taken || !self.limit.process.is_current() {
            return;
        }
        let mut waiting = self.limit.lock();
        waiting.retain(|call| !Arc::ptr_eq(call, &self.call));
        self.limit
            .waiting_count
            .store(waiting.len(), Ordering::SeqCst);
        drop(waiting);
        if self.call.is_granted.load(Ordering::SeqCst) {
            self.limit.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::net::testing::with_blocking_step;

    fn in_ten_seconds() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn threads_never_use_more_than_the_limit() {
        let limit = ConnectionLimit::new(NonZeroUsize::new(3));
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        with_blocking_step(in_ten_seconds(), async |step: Step<'_>| {
                            let permit = limit.permit(step).await.unwrap();
                            most.fetch_max(
                                now.fetch_add(1, Ordering::SeqCst) + 1,
                                Ordering::SeqCst,
                            );
                            std::thread::yield_now();
                            now.fetch_sub(1, Ordering::SeqCst);
                            drop(permit);
                        });
                    }
                });
            }
        });
        assert!((1..=3).contains(&most.into_inner()));
        assert_eq!(limit.in_use.into_inner(), 0);
        assert!(limit.waiting.into_inner().unwrap().is_empty());
    }

    #[test]
    fn a_call_that_gives_up_leaves_the_line() {
        let limit = ConnectionLimit::new(NonZeroUsize::new(1));
        with_blocking_step(in_ten_seconds(), async |step: Step<'_>| {
            let permit = limit.permit(step).await.unwrap();
            let soon = Instant::now() + Duration::from_millis(20);
            with_blocking_step(soon, async |step: Step<'_>| {
                let result = limit.permit(step).await;
                assert!(matches!(result, Err(TransportError::Timeout)));
            });
            drop(permit);
            assert!(limit.permit(step).await.is_ok());
        });
        assert_eq!(limit.in_use.into_inner(), 0);
    }
}
