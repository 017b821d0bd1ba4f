//! Requests that calls share: one call sends a request, and the others with the same request wait for its
//! answer. For requests that the service accepts once, such as a refresh with a token that is rotated.
//!
//! What one call has sent does not end with that call: if it is cancelled or runs out of time, the next one
//! takes over the connection and receives the answer. Nobody waits for a call that may not make progress
//! longer than it can afford, so no call is worse off than if it had sent a request of its own.
//!
//! A request that may never be answered does not hold later calls: they send another one. If that succeeds,
//! the calls that still wait for the first one get its response, and the other way round.

mod flight;
mod table;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

use once_cell::race::OnceBox;
use ring::hmac;
use ring::rand::SystemRandom;

pub(super) use self::flight::{Answer, SentRequest};
use self::flight::{Flight, RequestDigest, Sender};
use self::table::Table;
use super::response::ApiResponse;
use crate::error::Error;
use crate::http::HttpRequest;
use crate::net::CallContext;
use crate::os::{ProcessMark, ThreadId};
use crate::status::Outcome;

/// The requests in progress of one client in one process.
#[derive(Default)]
pub(super) struct SharedRequests {
    /// Made for the first request.
    key: OnceBox<hmac::Key>,
    table: Mutex<Table>,
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
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Option<SharedCall<'_>> {
        let digest = self.digest(request)?;
        let joined = context.now();
        let mut table = self.lock();
        table.forget_expired(joined);
        let time = deadline.saturating_duration_since(context.start());
        let flight = table.flight_for(digest, time, joined);
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
        context.update(request.body.as_deref().unwrap_or_default());
        context.sign().as_ref().try_into().ok()
    }

    /// How many calls share requests.
    #[cfg(test)]
    pub(super) fn calls(&self) -> usize {
        self.lock().calls()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
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
                thread: ThreadId::current(),
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
    pub(super) fn sending(&self, now: Instant) {
        self.0.flight.may_be_sent.store(true, Ordering::SeqCst);
        self.0.flight.lock().sent_at = Some(now);
    }

    /// Whether the call has not got into a forked child, where a lock may belong to a thread that is gone.
    pub(super) fn is_in_its_process(&self) -> bool {
        self.0.process.is_current()
    }

    /// The response to another flight of the same request, which has come meanwhile.
    pub(super) fn answer(&self) -> Option<Answer> {
        self.0.flight.lock().answer.clone()
    }

    /// Leaves a request whose answer has not arrived to the next sender. Without other calls, its connection
    /// is closed.
    pub(super) fn leave(&self, mut sent: SentRequest) {
        // In a forked child the connection belongs to the parent.
        if self.is_in_its_process() {
            sent.connection.stop_watching();
            let mut state = self.0.flight.lock();
            if state.calls.len() > 1 && state.answer.is_none() {
                state.sent = Some(sent);
            }
        }
    }

    /// Ends the turn of a call that has left a request and has no more time. Later calls do not rely on that
    /// request.
    pub(super) fn time_out(self) {
        self.0.requests.lock().mark_overdue(&self.0.flight);
    }

    /// Ends the turn with a response for all calls with the same request. It may be kept for later ones.
    pub(super) fn succeed(self, response: &ApiResponse, keep_until: Option<Instant>) {
        let SharedCall {
            requests, flight, ..
        } = self.0;
        let mut table = requests.lock();
        let mut state = flight.lock();
        if keep_until.is_some() || state.calls.len() > 1 {
            state.answer = Some(Ok(response.clone()));
        }
        drop(state);
        let flights = table.remove_all(&flight.digest);
        if let Some(until) = keep_until {
            table.keep(flight, until);
        }
        drop(table);
        flights
            .filter(|other| !Arc::ptr_eq(other, flight))
            .for_each(|other| other.use_response(response));
    }

    /// Ends the turn with an error that is that of all calls.
    pub(super) fn fail(self, error: &Error) {
        let call = self.0;
        let mut table = call.requests.lock();
        let mut state = call.flight.lock();
        if state.calls.len() > 1 {
            state.answer = Some(Err(error.clone()));
        }
        table.remove(&call.flight);
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
