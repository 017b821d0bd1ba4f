//! Requests that calls share: one call sends a request, and the others with the same request wait for its
//! answer. For requests that the service accepts once, such as a refresh with a token that is rotated.
//!
//! What one call has sent does not end with that call: if it is cancelled or runs out of time, the next one
//! takes over the connection and receives the answer. Nobody waits for a call that may not make progress
//! longer than it can afford, so no call is worse off than if it had sent a request of its own.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;
use ring::hmac;
use ring::rand::SystemRandom;

use super::response::ApiResponse;
use crate::error::Error;
use crate::http::{HttpRequest, ResponseParser};
use crate::net::{CallContext, Connection, Driver};
use crate::os::ProcessMark;
use crate::status::Outcome;

/// How many answers are kept at most for later calls.
const MAX_KEPT: usize = 1024;

/// How long a sender whose deadline has passed may take to say so.
const SENDER_DELAY: Duration = Duration::from_millis(250);

/// The requests in progress of one client in one process.
#[derive(Default)]
pub(super) struct SharedRequests {
    /// Made for the first request.
    key: OnceBox<hmac::Key>,
    table: Mutex<Table>,
}

/// What stands for a request: an HMAC of all its bytes, with a key that exists only in this process.
type RequestDigest = [u8; 32];

/// What the service has answered, or why it cannot be reached.
type Answer = Result<ApiResponse, Error>;

#[derive(Default)]
struct Table {
    /// Those that a new call with the same request joins.
    flights: HashMap<RequestDigest, Arc<Flight>>,
    /// Flights whose answer is kept until a time, the earliest first.
    kept: VecDeque<(Instant, Arc<Flight>)>,
}

/// A request that calls share.
struct Flight {
    digest: RequestDigest,
    /// Whether any of its calls may have sent the request.
    may_be_sent: Arc<AtomicBool>,
    /// Locked after the table, if both are.
    state: Mutex<FlightState>,
}

#[derive(Default)]
struct FlightState {
    /// The calls that take part, and how to continue them.
    calls: Vec<(u64, Waker)>,
    last_call: u64,
    /// Who sends the request. `None`: the next call that looks.
    sender: Option<Sender>,
    /// What a sender that had to give up has left.
    sent: Option<SentRequest>,
    answer: Option<Answer>,
}

/// The call that sends the request.
#[derive(Clone, Copy)]
struct Sender {
    driver: Driver,
    /// The thread that drives the call.
    thread: ThreadId,
    deadline: Instant,
}

/// A request that was sent, and as much of the response as has arrived.
pub(super) struct SentRequest {
    pub(super) connection: Connection,
    pub(super) parser: ResponseParser,
}

/// A call that takes part in a flight, until it is dropped.
pub(super) struct SharedCall<'a> {
    requests: &'a SharedRequests,
    flight: Arc<Flight>,
    id: u64,
    joined: Instant,
    process: ProcessMark,
}

/// The right to send the request, until it is dropped.
pub(super) struct SendTurn<'a>(&'a SharedCall<'a>);

/// What a call has to do.
pub(super) enum Turn<'a> {
    /// Use the answer to the request of another call.
    Use(Box<Answer>),
    Send(SendTurn<'a>),
    /// Send a request of its own: the call that sends the shared one may not make progress.
    SendAlone,
    /// Wait until the waker is used, or until this time, and look again.
    WaitUntil(Instant),
}

impl SharedRequests {
    /// Lets a call take part in the flight of its request. `None` without random numbers for a key.
    pub(super) fn join(
        &self,
        request: &HttpRequest<'_>,
        context: CallContext<'_>,
    ) -> Option<SharedCall<'_>> {
        let digest = self.digest(request)?;
        let joined = context.now();
        let mut table = self.lock();
        table.forget_expired(joined);
        let flight = table
            .flights
            .entry(digest)
            .or_insert_with(|| Arc::new(Flight::new(digest)));
        let flight = Arc::clone(flight);
        let id = flight.lock().add_call(context.waker());
        drop(table);
        context
            .progress()
            .relies_on(Some(Arc::clone(&flight.may_be_sent)));
        Some(SharedCall {
            requests: self,
            flight,
            id,
            joined,
            process: ProcessMark::current(),
        })
    }

    fn digest(&self, request: &HttpRequest<'_>) -> Option<RequestDigest> {
        let new_key = || hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        let key = self.key.get_or_try_init(|| new_key().map(Box::new)).ok()?;
        let mut context = hmac::Context::with_key(key);
        // The head has the method, the URL, the project and the token.
        context.update(&request.head.len().to_le_bytes());
        context.update(request.head.as_bytes());
        context.update(request.body.as_deref().unwrap_or_default().as_bytes());
        context.sign().as_ref().try_into().ok()
    }

    /// How many calls take part in flights that a new call would join.
    #[cfg(test)]
    pub(super) fn calls(&self) -> usize {
        let table = self.lock();
        table
            .flights
            .values()
            .map(|flight| flight.lock().calls.len())
            .sum()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// No call joins the flight any more.
    fn remove(&mut self, flight: &Arc<Flight>) {
        let current = self.flights.get(&flight.digest);
        if current.is_some_and(|current| Arc::ptr_eq(current, flight)) {
            self.flights.remove(&flight.digest);
        }
    }

    /// Calls get the answer of the flight until a time.
    fn keep(&mut self, flight: &Arc<Flight>, until: Instant) {
        self.kept.push_back((until, Arc::clone(flight)));
        if self.kept.len() > MAX_KEPT {
            self.forget_first();
        }
    }

    fn forget_expired(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, flight)) = self.kept.pop_front() {
            self.remove(&flight);
        }
    }
}

impl Flight {
    fn new(digest: RequestDigest) -> Flight {
        Flight {
            digest,
            may_be_sent: Arc::default(),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, FlightState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FlightState {
    /// Returns the ID of the call.
    fn add_call(&mut self, waker: Waker) -> u64 {
        self.last_call += 1;
        self.calls.push((self.last_call, waker));
        self.last_call
    }

    fn remove_call(&mut self, id: u64) {
        self.calls.retain(|(other, _)| *other != id);
    }

    fn wakers_of_others(&self, id: u64) -> Vec<Waker> {
        let others = self.calls.iter().filter(|(other, _)| *other != id);
        others.map(|(_, waker)| waker.clone()).collect()
    }
}

impl Sender {
    /// Until when another call waits for this one. `None`: not at all.
    fn wait_limit(self, waiting: Driver, joined: Instant, deadline: Instant) -> Option<Instant> {
        let own_end = self.deadline + SENDER_DELAY;
        if waiting.can_wait_for(self.driver) {
            return Some(own_end);
        }
        // While a thread blocks, or runs a log callback of the sender, it drives no other call.
        let is_thread = |driver| matches!(driver, Driver::Thread(_));
        let blocks_sender = is_thread(waiting) && self.thread == thread::current().id();
        if is_thread(self.driver) || blocks_sender {
            return None;
        }
        // It cannot be known whether anybody runs the queue of the sender: there must be enough time left
        // for a request of its own.
        Some(own_end.min(joined + deadline.saturating_duration_since(joined) / 2))
    }
}

impl SharedCall<'_> {
    /// What the call has to do now. `deadline` is its own.
    pub(super) fn look(&self, deadline: Instant, context: CallContext<'_>) -> Turn<'_> {
        let mut state = self.flight.lock();
        if let Some(answer) = &state.answer {
            return Turn::Use(Box::new(answer.clone()));
        }
        let driver = context.driver();
        let Some(sender) = state.sender else {
            state.sender = Some(Sender {
                driver,
                thread: thread::current().id(),
                deadline,
            });
            let progress = context.progress();
            progress.relies_on(None);
            if state.sent.is_some() {
                progress.attempt_failed(Outcome::Unknown);
            }
            return Turn::Send(SendTurn(self));
        };
        let limit = sender.wait_limit(driver, self.joined, deadline);
        match limit.filter(|limit| context.now() < *limit) {
            Some(limit) => Turn::WaitUntil(limit.min(deadline)),
            None => {
                state.remove_call(self.id);
                context.progress().relies_on(None);
                Turn::SendAlone
            }
        }
    }

    /// The outcome for a call that gives up waiting.
    pub(super) fn outcome(&self) -> Outcome {
        if self.flight.may_be_sent.load(Ordering::SeqCst) {
            Outcome::Unknown
        } else {
            Outcome::NotSent
        }
    }
}

impl SendTurn<'_> {
    /// What the previous sender has left.
    pub(super) fn take_sent(&self) -> Option<SentRequest> {
        self.0.flight.lock().sent.take()
    }

    /// Whether the previous sender has left something.
    pub(super) fn has_sent(&self) -> bool {
        self.0.flight.lock().sent.is_some()
    }

    /// Notes that the request is sent from now on.
    pub(super) fn sending(&self) {
        self.0.flight.may_be_sent.store(true, Ordering::SeqCst);
    }

    /// Leaves a request whose answer has not arrived to the next sender. Without other calls, its connection
    /// is closed.
    pub(super) fn leave(&self, mut sent: SentRequest) {
        // In a forked child the connection belongs to the parent, and the lock to a thread that may be gone.
        if self.0.process.is_current() {
            sent.connection.stop_watching();
            let mut state = self.0.flight.lock();
            if state.calls.len() > 1 {
                state.sent = Some(sent);
            }
        }
    }

    /// Ends the turn with a result that is that of all calls. A response may be kept for later calls.
    pub(super) fn finish(self, answer: Result<&ApiResponse, &Error>, keep_until: Option<Instant>) {
        let call = self.0;
        let mut table = call.requests.lock();
        let mut state = call.flight.lock();
        if keep_until.is_some() || state.calls.len() > 1 {
            state.answer = Some(answer.cloned().map_err(Error::clone));
        }
        match keep_until {
            Some(until) => table.keep(&call.flight, until),
            None => table.remove(&call.flight),
        }
    }
}

impl Drop for SendTurn<'_> {
    fn drop(&mut self) {
        let call = self.0;
        if call.process.is_current() {
            let mut state = call.flight.lock();
            state.sender = None;
            let others = state.wakers_of_others(call.id);
            drop(state);
            others.into_iter().for_each(Waker::wake);
        }
    }
}

impl Drop for SharedCall<'_> {
    fn drop(&mut self) {
        if self.process.is_current() {
            let mut table = self.requests.lock();
            let mut state = self.flight.lock();
            state.remove_call(self.id);
            let is_over = state.calls.is_empty() && state.answer.is_none();
            // Without calls, nobody receives the answer.
            let unanswered = state.sent.take_if(|_| is_over);
            drop(state);
            if is_over {
                table.remove(&self.flight);
            }
            drop(table);
            drop(unanswered);
        }
    }
}

#[cfg(test)]
mod tests;
