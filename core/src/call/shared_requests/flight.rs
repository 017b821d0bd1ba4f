//! A request that calls share: who takes part, who sends it, and its answer.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::call::response::ApiResponse;
use crate::error::Error;
use crate::http::ResponseParser;
use crate::net::{Connection, Driver};
use crate::os::ThreadId;

/// How long a sender whose deadline has passed may take to say so.
const SENDER_DELAY: Duration = Duration::from_millis(250);

/// The ID that no call has.
const NO_CALL: u64 = 0;

/// What stands for a request: an HMAC of all its bytes, with a key that exists only in this process.
pub(super) type RequestDigest = [u8; 32];

/// What the service has answered, or why it cannot be reached.
pub(in crate::call) type Answer = Result<ApiResponse, Error>;

/// A request that calls share.
pub(super) struct Flight {
    pub(super) digest: RequestDigest,
    /// Whether any of its calls may have sent the request.
    pub(super) may_be_sent: Arc<AtomicBool>,
    /// Locked after the table, if both are.
    state: Mutex<FlightState>,
}

#[derive(Default)]
pub(super) struct FlightState {
    /// When the request was sent last.
    pub(super) sent_at: Option<Instant>,
    /// The calls that take part, and how to continue them.
    pub(super) calls: Vec<(u64, Waker)>,
    last_call: u64,
    /// Who sends the request. `None`: the next call that looks.
    pub(super) sender: Option<Sender>,
    /// What a sender that had to give up has left.
    pub(super) sent: Option<SentRequest>,
    pub(super) answer: Option<Answer>,
}

/// The call that sends the request.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) driver: Driver,
    /// The thread that drives the call.
    pub(super) thread: ThreadId,
    pub(super) deadline: Instant,
}

/// A request that was sent, and as much of the response as has arrived.
pub(in crate::call) struct SentRequest {
    pub(in crate::call) connection: Box<Connection>,
    pub(in crate::call) parser: ResponseParser,
}

impl Flight {
    pub(super) fn new(digest: RequestDigest) -> Flight {
        Flight {
            digest,
            may_be_sent: Arc::default(),
            state: Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, FlightState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the calls the response to another flight of the same request.
    pub(super) fn use_response(&self, response: &ApiResponse) {
        let mut state = self.lock();
        state.answer.get_or_insert_with(|| Ok(response.clone()));
        let wakers = state.wakers_of_others(NO_CALL);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl FlightState {
    /// Whether there has been no answer for so long.
    pub(super) fn is_unanswered_for(&self, time: Duration, now: Instant) -> bool {
        let is_older = |sent_at| now.saturating_duration_since(sent_at) >= time;
        self.answer.is_none() && self.sent_at.is_some_and(is_older)
    }

    /// Returns the ID of the call.
    pub(super) fn add_call(&mut self, waker: Waker) -> u64 {
        self.last_call += 1;
        self.calls.push((self.last_call, waker));
        self.last_call
    }

    pub(super) fn remove_call(&mut self, id: u64) {
        self.calls.retain(|(other, _)| *other != id);
    }

    pub(super) fn wakers_of_others(&self, id: u64) -> Vec<Waker> {
        let others = self.calls.iter().filter(|(other, _)| *other != id);
        others.map(|(_, waker)| waker.clone()).collect()
    }
}

impl Sender {
    /// Until when another call waits for this one. `None`: not at all.
    pub(super) fn wait_limit(
        self,
        waiting: Driver,
        joined: Instant,
        deadline: Instant,
    ) -> Option<Instant> {
        let own_end = self.deadline + SENDER_DELAY;
        if waiting.can_wait_for(self.driver) {
            return Some(own_end);
        }
        // While a thread blocks, or runs a log callback of the sender, it drives no other call.
        let is_thread = |driver| matches!(driver, Driver::Thread(_));
        let blocks_sender = is_thread(waiting) && self.thread == ThreadId::current();
        if is_thread(self.driver) || blocks_sender {
            return None;
        }
        // It cannot be known whether anybody runs the queue of the sender: there must be enough time left
        // for a request of its own.
        Some(own_end.min(joined + deadline.saturating_duration_since(joined) / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_a_call_that_may_not_make_progress_longer_than_it_can_afford() {
        let now = Instant::now();
        let [second, minute] = [1, 60].map(Duration::from_secs);
        let this_thread = ThreadId::current();
        let other_thread = std::thread::spawn(ThreadId::current).join().unwrap();
        let limit = |waiting, driver, thread| {
            let deadline = now + minute;
            let sender = Sender {
                driver,
                thread,
                deadline,
            };
            sender.wait_limit(waiting, now, now + 10 * second)
        };
        let own_end = Some(now + minute + SENDER_DELAY);
        let half = Some(now + 5 * second);
        let [thread, other] = [this_thread, other_thread].map(Driver::Thread);
        let [queue, other_queue] = [1, 2].map(Driver::Queue);
        assert_eq!(limit(queue, queue, this_thread), own_end);
        assert_eq!(limit(thread, other, other_thread), own_end);
        assert_eq!(limit(queue, other, other_thread), own_end);
        assert_eq!(limit(queue, other_queue, this_thread), half);
        assert_eq!(limit(thread, queue, other_thread), half);
        assert_eq!(limit(thread, queue, this_thread), None);
        assert_eq!(limit(thread, thread, this_thread), None);
        assert_eq!(limit(queue, thread, this_thread), None);
    }
}
