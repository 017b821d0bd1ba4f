//! Sends a request, with retries.

use std::time::Instant;

use super::engine::Engine;
use super::http_exchange::exchange;
use super::response::{ApiResponse, interpret_response};
use super::retry::RetryPolicy;
use super::shared_requests::SendTurn;
use crate::error::Error;
use crate::events::Phase;
use crate::http::{HttpRequest, HttpResponse};
use crate::logging::{self, Log};
use crate::net::{CallContext, Reuse};
use crate::operations::{ExpectedResponse, Repeat};
use crate::status::{Outcome, Status};

/// A response, and how many attempts it took.
pub(super) struct Received {
    pub(super) response: ApiResponse,
    pub(super) attempts: u32,
}

impl Engine {
    /// Sends a request until there is a response, or no other attempt is allowed.
    pub(super) fn send(
        &self,
        request: &HttpRequest<'_>,
        expected: ExpectedResponse,
        repeat: Repeat,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> impl Future<Output = Result<Received, Error>> + Send {
        let policy = self.retry_policy(repeat, deadline);
        self.send_with(request, expected, policy, None, context)
    }

    /// The rules for a request that no other call waits for.
    pub(super) fn retry_policy(&self, repeat: Repeat, deadline: Instant) -> RetryPolicy<'static> {
        RetryPolicy {
            max_attempts: self.settings.max_attempts,
            repeat,
            deadline,
            take_retry: None,
            held_lines: None,
        }
    }

    /// Like [`Engine::send`], with other rules. If the calls that share the request have left one that was
    /// sent, it goes on with that, which is no attempt of this call.
    pub(super) async fn send_with(
        &self,
        request: &HttpRequest<'_>,
        expected: ExpectedResponse,
        policy: RetryPolicy<'_>,
        turn: Option<&SendTurn<'_>>,
        context: CallContext<'_>,
    ) -> Result<Received, Error> {
        let log = policy
            .held_lines
            .map_or_else(|| context.log(&self.logger), Log::held);
        let is_resumed = turn.is_some_and(SendTurn::has_sent);
        let mut attempt = u32::from(!is_resumed);
        let mut outcome = Outcome::NotSent;
        let mut reuse = Reuse::Allowed;
        loop {
            if attempt > 0 {
                let method = request.method.as_str();
                logging::log_attempt(log, method, request.url, attempt, policy.max_attempts);
                context.attempt_started(method, request.url, attempt);
            }
            let result = exchange(&self.pool, request, reuse, policy.deadline, turn, context).await;
            context.enter(Phase::Local);
            let result = result.and_then(|response| {
                self.compare_clocks(&response, expected, log, context);
                interpret_response(expected, response, || context.system_time())
            });
            let error = match result {
                Ok(response) => {
                    context.attempt_ended(Status::Ok, Some(response.status));
                    return Ok(Received {
                        response,
                        attempts: attempt,
                    });
                }
                Err(error) => error
                    .unless_out_of_memory(Outcome::NotSent)
                    .with_attempts(attempt)
                    .after_attempts(outcome),
            };
            context.attempt_ended(error.status(), error.http_status());
            outcome = error.outcome();
            context.progress().attempt_failed(outcome);
            let now = context.now();
            let Some(delay) = policy.next_delay(&error, attempt, now) else {
                return Err(if policy.is_final(&error, attempt) {
                    error
                } else {
                    error.for_lack_of_time()
                });
            };
            logging::log_retry(log, &error, attempt, policy.max_attempts, delay);
            context.enter(Phase::RetryWait);
            let waited = context.sleep_until(now + delay).await;
            waited.map_err(|error| error.while_waiting(outcome).with_attempts(attempt))?;
            reuse = RetryPolicy::reuse_after(&error);
            attempt += 1;
        }
    }

    /// Compares the clock of this machine with the `Date` of a response: of one with a session, of the first
    /// one on a connection, and of all those whose call is recorded. Not if a test
    /// has replaced the time: that is neither clock.
    fn compare_clocks(
        &self,
        response: &HttpResponse,
        expected: ExpectedResponse,
        log: Log<'_>,
        context: CallContext<'_>,
    ) {
        let has_session = expected == ExpectedResponse::Session;
        let is_recorded = context.progress().is_recorded();
        if !(has_session || response.is_first || is_recorded) || context.has_test_time() {
            return;
        }
        if let Some(date) = response.headers.date() {
            let (now, leeway) = (context.system_time(), self.settings.jwt_leeway);
            let difference = self
                .service_clock
                .compare(date, now, response.max_age, leeway, log);
            context.clocks_compared(difference);
        }
    }

    /// What the last comparison of the clocks has found.
    #[cfg(test)]
    pub(crate) fn clock_difference(&self) -> Option<i64> {
        self.service_clock.difference()
    }
}
