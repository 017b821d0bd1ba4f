//! Sends a request that calls share, or waits for the answer to that of another call.

use std::pin::Pin;
use std::time::Instant;

use super::engine::Engine;
use super::response::ApiResponse;
use super::retry::RetryPolicy;
use super::send_with_retries::Received;
use super::shared_requests::{SendTurn, SharedCall, Turn};
use crate::error::Error;
use crate::events::Phase;
use crate::http::HttpRequest;
use crate::net::CallContext;
use crate::operations::Endpoint;
use crate::status::Outcome;

impl Engine {
    /// Like [`Engine::send`]: of the calls with the same request that overlap, one sends it. The others get
    /// its answer, without an attempt of their own.
    ///
    /// Rare, so in a box: it adds nothing to the size of each call.
    pub(super) fn send_shared<'a>(
        &'a self,
        request: &'a HttpRequest<'_>,
        endpoint: &'a Endpoint,
        deadline: Instant,
        context: CallContext<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Received, Error>> + Send + 'a>> {
        Box::pin(self.share_or_send(request, endpoint, deadline, context))
    }

    async fn share_or_send(
        &self,
        request: &HttpRequest<'_>,
        endpoint: &Endpoint,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Result<Received, Error> {
        // Dropped last: the lines come when the answer was handed over.
        let lines = context.log(&self.logger).hold();
        let requests = self.shared_requests();
        let call = requests.join(request, deadline, context);
        let turn = match &call {
            Some(call) => wait_for_turn(call, deadline, context).await?,
            None => Turn::SendAlone,
        };
        let turn = match turn {
            Turn::Use(answer) => return received_by_another(*answer),
            Turn::Send(turn) => Some(turn),
            Turn::SendAlone | Turn::WaitUntil(_) => None,
        };
        let policy = RetryPolicy {
            held_lines: Some(&lines),
            ..self.retry_policy(endpoint.repeat, deadline)
        };
        let result = self
            .send_with(request, endpoint.expected, policy, turn.as_ref(), context)
            .await;
        match turn.filter(SendTurn::is_in_its_process) {
            Some(turn) => self.end_turn(turn, result, deadline, context),
            None => result,
        }
    }

    /// Gives the other calls what they need of the result. Returns the result of the call.
    fn end_turn(
        &self,
        turn: SendTurn<'_>,
        result: Result<Received, Error>,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Result<Received, Error> {
        let error = match result {
            Ok(received) => {
                let grace = self.settings.refresh_grace;
                let keep_until = (!grace.is_zero()).then(|| context.now() + grace);
                turn.succeed(&received.response, keep_until);
                return Ok(received);
            }
            Err(error) => error,
        };
        // A token that was rotated meanwhile is refused, but its successor is here.
        if !matches!(error, Error::Cancelled(_)) {
            if let Some(answer) = turn.answer() {
                return received_by_another(answer);
            }
        }
        if turn.has_sent() {
            if context.now() >= deadline {
                turn.time_out();
            }
        } else if is_for_all(&error) {
            turn.fail(&error);
        }
        Err(error)
    }

    /// How many calls share requests.
    #[cfg(test)]
    pub(crate) fn sharing_calls(&self) -> usize {
        self.shared_requests().calls()
    }
}

/// Waits until the call has something else to do than to wait.
async fn wait_for_turn<'a>(
    call: &'a SharedCall<'_>,
    deadline: Instant,
    context: CallContext<'_>,
) -> Result<Turn<'a>, Error> {
    loop {
        let until = match call.look(deadline, context) {
            Turn::WaitUntil(until) => until,
            turn => return Ok(turn),
        };
        if context.now() >= deadline {
            return Err(Error::timeout(
                "timed out while waiting for another call with the same refresh token (`timeoutMs`)",
                call.outcome(),
            ));
        }
        context.enter(Phase::Wait);
        let waited = context.wait_until(until).await;
        context.enter(Phase::Local);
        waited.map_err(|error| error.while_waiting(call.outcome()))?;
    }
}

/// The answer to the request of another call, as that of a call without an attempt.
fn received_by_another(answer: Result<ApiResponse, Error>) -> Result<Received, Error> {
    match answer {
        Ok(response) => Ok(Received {
            response,
            attempts: 0,
        }),
        Err(error) => Err(error.with_attempts(0)),
    }
}

/// Whether each call would get the same error: the service has answered, or it cannot be reached. Timeouts and
/// cancellations are about one call, another one may have the time for another attempt, and after a lost
/// connection the next call finds out more.
fn is_for_all(error: &Error) -> bool {
    match error {
        _ if error.lacked_time() => false,
        Error::Api(_) | Error::RateLimited(_) => true,
        Error::Network(_) | Error::Tls(_) => error.outcome() == Outcome::NotSent,
        _ => false,
    }
}
