//! Limits how many connections the calls of a client use at the same time. Others wait in line.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::attempt_context::Step;
use super::call_context::CallContext;
use super::transport_error::TransportError;
use super::waiter::Driver;
use crate::events::Phase;
use crate::os::ProcessMark;

/// How long a free connection is kept for the first call in line. A call whose queue is not looked after
/// does not take it, and must not stop the others.
const OFFER_TIMEOUT: Duration = Duration::from_millis(50);

/// Counts the connections in use.
pub(super) struct ConnectionLimit {
    /// `None`: no limit.
    max: Option<NonZeroUsize>,
    /// The connections in use or on offer.
    in_use: AtomicUsize,
    /// The number of calls in line. While it is zero, no lock is needed.
    waiting_count: AtomicUsize,
    line: Mutex<Line>,
    process: ProcessMark,
}

/// The calls that wait, in the order of their IDs.
#[derive(Default)]
struct Line {
    calls: VecDeque<WaitingCall>,
    last_id: u64,
    /// How many calls have an offer.
    offers: usize,
    /// Whether calls of a queue and other calls wait. Then they may not rely on each other.
    is_mixed: bool,
}

struct WaitingCall {
    id: u64,
    driver: Driver,
    waker: Waker,
    state: WaitState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitState {
    Waiting,
    /// A connection has been free for this call since then.
    Offered(Instant),
    /// The call did not take what it was offered. It gets no other offer until it looks.
    Late,
}

/// The right to use one connection, until it is dropped.
pub(crate) struct Permit<'a> {
    limit: &'a ConnectionLimit,
    call: CallContext<'a>,
}

/// A place in the line, until it is dropped.
struct Place<'a> {
    limit: &'a ConnectionLimit,
    call: CallContext<'a>,
    id: u64,
}

/// What a call in line finds.
enum Look {
    /// It has the right to use a connection.
    Taken,
    /// It waits for its waker and, if there is a time, looks again then.
    Wait(Option<Instant>),
}

impl ConnectionLimit {
    pub(super) fn new(max: Option<NonZeroUsize>) -> ConnectionLimit {
        ConnectionLimit {
            max,
            in_use: AtomicUsize::new(0),
            waiting_count: AtomicUsize::new(0),
            line: Mutex::default(),
            process: ProcessMark::current(),
        }
    }

    /// Waits until one more connection may be used.
    ///
    /// # Errors
    ///
    /// [`TransportError::NoConnectionFree`] or [`TransportError::Cancelled`].
    pub(super) async fn permit<'a>(&'a self, step: Step<'a>) -> Result<Permit<'a>, TransportError> {
        let call = step.call();
        let nobody_waits = self.waiting_count.load(Ordering::SeqCst) == 0;
        if nobody_waits && self.try_take() {
            return Ok(Permit { limit: self, call });
        }
        // Rare, so in a box: it adds nothing to the size of each call.
        Box::pin(async move {
            let place = self.join_line(call);
            step.enter(Phase::ConnectionWait);
            loop {
                let Look::Wait(until) = place.look(step.now()) else {
                    step.enter(Phase::Local);
                    return Ok(Permit { limit: self, call });
                };
                step.time_left()
                    .map_err(|_| TransportError::NoConnectionFree)?;
                let until = until.map_or(step.deadline(), |until| until.min(step.deadline()));
                step.wait(&mut [], until).await?;
            }
        })
        .await
    }

    fn try_take(&self) -> bool {
        let max = self.max.map_or(usize::MAX, NonZeroUsize::get);
        let one_more = |in_use: usize| (in_use < max).then_some(in_use + 1);
        self.in_use
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more)
            .is_ok()
    }

    fn join_line<'a>(&'a self, call: CallContext<'a>) -> Place<'a> {
        let mut line = self.lock();
        let id = line.push(call.driver(), call.waker());
        self.line_changed(line);
        let limit = self;
        Place { limit, call, id }
    }

    /// Offers free connections to the calls in line. Returns their wakers.
    fn offer(&self, line: &mut Line, now: Instant) -> Vec<Waker> {
        let mut wakers = Vec::new();
        let waiting = |call: &&mut WaitingCall| call.state == WaitState::Waiting;
        for call in line.calls.iter_mut().filter(waiting) {
            if !self.try_take() {
                break;
            }
            call.state = WaitState::Offered(now);
            line.offers += 1;
            wakers.push(call.waker.clone());
        }
        wakers
    }

    fn give_back(&self, call: CallContext<'_>) {
        // A forked child gives nothing back: the lock may be held by a thread that it does not have.
        if !self.process.is_current() {
            return;
        }
        self.in_use.fetch_sub(1, Ordering::SeqCst);
        if self.waiting_count.load(Ordering::SeqCst) > 0 {
            let wakers = self.offer(&mut self.lock(), call.now());
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    /// Unlocks the line after calls have joined or left it.
    fn line_changed(&self, line: MutexGuard<'_, Line>) {
        self.waiting_count.store(line.calls.len(), Ordering::SeqCst);
        drop(line);
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Adds a call at the end. Returns its ID.
    fn push(&mut self, driver: Driver, waker: Waker) -> u64 {
        if let Some(last) = self.calls.back() {
            let is_queue = |driver: Driver| matches!(driver, Driver::Queue(_));
            self.is_mixed |= last.driver != driver && (is_queue(last.driver) || is_queue(driver));
        } else {
            self.is_mixed = false;
        }
        self.last_id += 1;
        self.calls.push_back(WaitingCall {
            id: self.last_id,
            driver,
            waker,
            state: WaitState::Waiting,
        });
        self.last_id
    }

    /// The place of a call in the line.
    fn index(&self, id: u64) -> Option<usize> {
        self.calls.binary_search_by_key(&id, |call| call.id).ok()
    }

    fn is_offered(&self, id: u64) -> bool {
        let call = self.index(id).and_then(|index| self.calls.get(index));
        call.is_some_and(|call| matches!(call.state, WaitState::Offered(_)))
    }

    /// Notes that a call looks: it gets offers again.
    fn is_looking(&mut self, id: u64) {
        if let Some(call) = self.index(id).and_then(|index| self.calls.get_mut(index)) {
            call.state = WaitState::Waiting;
        }
    }

    fn remove(&mut self, id: u64) -> Option<WaitingCall> {
        let call = self.calls.remove(self.index(id)?)?;
        self.offers -= usize::from(matches!(call.state, WaitState::Offered(_)));
        self.is_mixed &= self.calls.len() > 1;
        Some(call)
    }

    /// Withdraws the offers that were not taken in time. Returns their number.
    fn withdraw_offers(&mut self, now: Instant) -> usize {
        if self.offers == 0 {
            return 0;
        }
        let is_late = |state| matches!(state, WaitState::Offered(at) if at + OFFER_TIMEOUT <= now);
        let mut withdrawn = 0;
        for call in self.calls.iter_mut().filter(|call| is_late(call.state)) {
            call.state = WaitState::Late;
            withdrawn += 1;
        }
        self.offers -= withdrawn;
        withdrawn
    }
}

impl Place<'_> {
    /// Takes the connection that is on offer to this call, if any.
    fn look(&self, now: Instant) -> Look {
        let mut line = self.limit.lock();
        let mut is_taken = line.is_offered(self.id);
        if !is_taken {
            line.is_looking(self.id);
            if line.is_mixed {
                // This call looks, so it takes one of them. The next in line may be late as well.
                let withdrawn = line.withdraw_offers(now);
                is_taken = withdrawn > 0;
                let surplus = withdrawn.saturating_sub(1);
                self.limit.in_use.fetch_sub(surplus, Ordering::SeqCst);
            }
        }
        if is_taken {
            line.remove(self.id);
        }
        // A connection may have become free before this call was counted.
        let wakers = self.limit.offer(&mut line, now);
        if line.is_offered(self.id) {
            line.remove(self.id);
            is_taken = true;
        }
        let look = match is_taken {
            true => Look::Taken,
            false => Look::Wait(line.is_mixed.then(|| now + OFFER_TIMEOUT)),
        };
        self.limit.line_changed(line);
        wakers.into_iter().for_each(Waker::wake);
        look
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.limit.give_back(self.call);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.limit.process.is_current() {
            return;
        }
        let mut line = self.limit.lock();
        let was_offered = line.is_offered(self.id);
        line.remove(self.id);
        self.limit.line_changed(line);
        if was_offered {
            self.limit.give_back(self.call);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::net::call_context::Progress;
    use crate::net::poller::Poller;
    use crate::net::testing::with_blocking_step;
    use crate::net::waiter::{QueueWaiter, Waiter};

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
        assert!(limit.line.into_inner().unwrap().calls.is_empty());
    }

    #[test]
    fn a_call_that_gives_up_leaves_the_line() {
        let limit = ConnectionLimit::new(NonZeroUsize::new(1));
        with_blocking_step(in_ten_seconds(), async |step: Step<'_>| {
            let permit = limit.permit(step).await.unwrap();
            let soon = Instant::now() + Duration::from_millis(20);
            with_blocking_step(soon, async |step: Step<'_>| {
                let result = limit.permit(step).await;
                assert!(matches!(result, Err(TransportError::NoConnectionFree)));
            });
            drop(permit);
            assert!(limit.permit(step).await.is_ok());
        });
        assert_eq!(limit.in_use.into_inner(), 0);
    }

    #[test]
    fn a_call_that_does_not_take_its_connection_stops_no_other() {
        let limit = ConnectionLimit::new(NonZeroUsize::new(1));
        let poller = Arc::new(Poller::new().unwrap());
        let waiter = |queue| {
            let waker = Waker::noop().clone();
            Waiter::Queue(QueueWaiter::new(queue, 1, Arc::clone(&poller), waker))
        };
        let (waiters, progress) = ([waiter(1), waiter(2)], Progress::new(Instant::now(), None));
        let [neglected, other] = waiters
            .each_ref()
            .map(|one| CallContext::new(one, &progress));
        with_blocking_step(in_ten_seconds(), async |step: Step<'_>| {
            let permit = limit.permit(step).await.unwrap();
            // Nobody runs the queue of these calls.
            let place = limit.join_line(neglected);
            let others: Vec<_> = (0..50).map(|_| limit.join_line(neglected)).collect();
            drop(permit);
            let start = Instant::now();
            let permit = limit.permit(step).await.unwrap();
            // Not once for each of them.
            assert!(start.elapsed() < 10 * OFFER_TIMEOUT);
            drop(others);
            // Now somebody does: it comes before calls that join later.
            assert!(matches!(place.look(step.now()), Look::Wait(_)));
            let later_place = limit.join_line(other);
            drop(permit);
            assert!(matches!(later_place.look(step.now()), Look::Wait(Some(_))));
            assert!(matches!(place.look(step.now()), Look::Taken));
            limit.give_back(step.call());
            assert!(matches!(later_place.look(step.now()), Look::Taken));
            limit.give_back(step.call());
        });
        assert_eq!(limit.in_use.into_inner(), 0);
    }
}
