//! Sends a request, with retries.

use std::time::{Instant, SystemTime};

use super::engine::Engine;
use super::http_exchange::exchange;
use super::response::{ApiResponse, interpret_response};
use super::retry::RetryPolicy;
use crate::error::Error;
use crate::events::Phase;
use crate::http::{HttpRequest, HttpResponse};
use crate::logging;
use crate::net::{CallContext, Reuse};
use crate::operations::{ExpectedResponse, Repeat};
use crate::status::{Outcome, Status};

/// A response, and how many attempts it took.
pub(super) struct Received {
    pub(super) response: ApiResponse,
    pub(super) attempts: u32,
    /// The time by the clock of the service, for a response with a session.
    pub(super) date: Option<SystemTime>,
}

impl Engine {
    /// Sends a request until there is a response, or no other attempt is allowed.
    pub(super) async fn send(
        &self,
        request: &HttpRequest<'_>,
        expected: ExpectedResponse,
        repeat: Repeat,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Result<Received, Error> {
        let policy = RetryPolicy {
            max_attempts: self.settings.max_attempts,
            repeat,
            deadline,
        };
        let mut attempt = 1;
        let mut outcome = Outcome::NotSent;
        let mut reuse = Reuse::Allowed;
        loop {
            let method = request.method.as_str();
            logging::log_attempt(method, request.url, attempt, policy.max_attempts);
            context.attempt_started(method, request.url, attempt);
            let result = exchange(&self.pool, request, reuse, deadline, context).await;
            let mut date = None;
            let result = result.and_then(|response| {
                date = self.compare_clocks(&response, expected, context);
                interpret_response(expected, response, || context.system_time())
            });
            let error = match result {
                Ok(response) => {
                    context.attempt_ended(Status::Ok, Some(response.status));
                    return Ok(Received {
                        response,
                        attempts: attempt,
                        date,
                    });
                }
                Err(error) => error.with_attempts(attempt).after_attempts(outcome),
            };
            context.attempt_ended(error.status(), error.http_status());
            outcome = error.outcome();
            context.progress().attempt_failed(outcome);
            let now = context.now();
            let Some(delay) = policy.next_delay(&error, attempt, now) else {
                return Err(error);
            };
            logging::log_retry(&error, attempt, policy.max_attempts, delay);
            context.enter(Phase::RetryWait);
            let waited = context.sleep_until(now + delay).await;
            waited.map_err(|_| Error::cancelled(outcome).with_attempts(attempt))?;
            reuse = RetryPolicy::reuse_after(&error);
            attempt += 1;
        }
    }

    /// The `Date` of a response, which is compared with the clock of this machine: of a response with a
    /// session, of the first one on a connection, and of all those whose call is recorded.
    fn compare_clocks(
        &self,
        response: &HttpResponse,
        expected: ExpectedResponse,
        context: CallContext<'_>,
    ) -> Option<SystemTime> {
        let has_session = expected == ExpectedResponse::Session;
        if !(has_session || response.is_first || context.progress().is_recorded()) {
            return None;
        }
        let date = response.headers.date()?;
        let (now, elapsed) = (context.system_time(), context.elapsed());
        let leeway = self.settings.jwt_leeway;
        let difference = self.service_clock.compare(date, now, elapsed, leeway);
        context.clocks_compared(difference);
        Some(date)
    }
}
