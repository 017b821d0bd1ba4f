//! One attempt: sends a request over a connection and receives the response.

use std::time::{Duration, Instant};

use ureq::http::Uri;

use super::api_error::REQUEST_TIMEOUT;
use super::shared_requests::{SendTurn, SentRequest};
use crate::error::Error;
use crate::events::Phase;
use crate::http::{HttpError, HttpRequest, HttpResponse, MAX_HEAD, ResponseParser};
use crate::memory;
use crate::net::{
    AttemptContext, CallContext, Connection, ConnectionPool, MAX_INPUT, ProcessPool, Reuse, Step,
    TransportError,
};

// A connection must be able to hold the largest head.
const _: () = assert!(MAX_INPUT >= MAX_HEAD);

/// A request that was sent. If its call ends before the response is complete, it is left to the calls that
/// share it.
struct InProgress<'a> {
    turn: Option<&'a SendTurn<'a>>,
    /// Whether the request was sent, and the response may still arrive.
    is_sent: bool,
    /// `None` until there is one, and after the response.
    connection: Option<Box<Connection>>,
    parser: ResponseParser,
}

impl<'a> InProgress<'a> {
    /// A request that is still to be sent, or the one that was left.
    fn new(turn: Option<&'a SendTurn<'a>>) -> InProgress<'a> {
        let (connection, parser) = match turn.and_then(SendTurn::take_sent) {
            Some(sent) => (Some(sent.connection), sent.parser),
            None => (None, ResponseParser::new()),
        };
        InProgress {
            turn,
            is_sent: connection.is_some(),
            connection,
            parser,
        }
    }
}

/// Sends a request once and waits for the response. With a turn, it goes on with the request that was left.
///
/// # Errors
///
/// [`Error::Network`], [`Error::Tls`], [`Error::Timeout`] or [`Error::Protocol`]. A response whose body
/// could not be received is not an error.
pub(super) async fn exchange(
    pool: &ConnectionPool,
    request: &HttpRequest<'_>,
    reuse: Reuse,
    deadline: Instant,
    turn: Option<&SendTurn<'_>>,
    context: CallContext<'_>,
) -> Result<HttpResponse, Error> {
    let attempt = AttemptContext::new(context, deadline);
    let step = attempt.step();
    let transport_error = |error: TransportError| error.into_error(&attempt);
    let pool = pool.current();
    let mut permit = None;
    let mut in_progress = InProgress::new(turn);
    let is_resumed = in_progress.is_sent;
    // What was left has its connection, and must not wait in line: its answer may be there already.
    if !is_resumed {
        permit = Some(pool.permit(step).await.map_err(transport_error)?);
        let connection = pool.acquire(request.url, reuse, step).await;
        in_progress.connection = Some(connection.map_err(transport_error)?);
    }
    let in_use = || Error::internal("using a connection");
    let connection = in_progress.connection.as_deref_mut().ok_or_else(in_use)?;
    let parser = &mut in_progress.parser;
    let mut result = Ok(());
    if is_resumed {
        step.request_sent();
    } else {
        step.enter(Phase::Send);
        let is_written = request.write_to(connection.output()).is_ok();
        // Nothing was sent yet: the call ends here rather than later, when memory is needed for the response.
        if !is_written || memory::is_short() {
            return Err(transport_error(TransportError::OutOfMemory));
        }
        if let Some(turn) = turn {
            turn.sending(context.now());
        }
        result = connection.send(step).await.map_err(transport_error);
        in_progress.is_sent = result.is_ok();
    }
    if in_progress.is_sent {
        step.enter(Phase::Wait);
        result = receive(connection, parser, step, &attempt).await;
    }
    if let Err(error) = result {
        let is_unanswered = matches!(error, Error::Timeout(_)) && parser.head().is_none();
        if is_unanswered {
            close_older_than_call(&pool, request.url, connection, context);
        }
        // If only this call ends, the answer may still come, and is left to the calls that share the request.
        in_progress.is_sent &= gives_up(&error, deadline, context);
        return unfinished_response(connection, parser, context.time_since_boot(), error);
    }
    let parts = parser.take_parts();
    let (status, headers, body, keep_alive) =
        parts.ok_or_else(|| Error::internal("receiving a response"))?;
    let connection = in_progress.connection.take().ok_or_else(in_use)?;
    let is_first = !connection.was_used();
    let now = context.time_since_boot();
    let max_age = connection.use_time(now);
    // Bytes after the response would be taken for the start of the next one.
    let is_in_step = connection.input().is_empty();
    // What the reserve has given must not stay in the pool.
    let is_kept = keep_alive && is_in_step && !memory::is_short();
    if is_kept && status != REQUEST_TIMEOUT {
        pool.release(connection, now);
    }
    drop(permit);
    Ok(HttpResponse {
        status,
        headers,
        body: Ok(body),
        is_first,
        max_age,
    })
}

/// The response whose body could not be received: the status says more than the error. Without a status, the
/// error.
fn unfinished_response(
    connection: &Connection,
    parser: &ResponseParser,
    now: Duration,
    error: Error,
) -> Result<HttpResponse, Error> {
    let Some((status, headers)) = parser.head().cloned() else {
        return Err(error);
    };
    Ok(HttpResponse {
        status,
        headers,
        body: Err(error),
        is_first: !connection.was_used(),
        max_age: connection.use_time(now),
    })
}

/// After a timeout on a connection that was open before the call, closes all idle connections to that server
/// that were open before the call: whatever has forgotten one, such as a NAT, may have forgotten all.
fn close_older_than_call(
    pool: &ProcessPool,
    url: &Uri,
    connection: &Connection,
    context: CallContext<'_>,
) {
    let (elapsed, now) = (context.elapsed(), context.time_since_boot());
    if connection.age(now) > elapsed {
        pool.close_older_than(elapsed, url, now);
    }
}

/// Receives until the response is complete.
async fn receive(
    connection: &mut Connection,
    parser: &mut ResponseParser,
    step: Step<'_>,
    attempt: &AttemptContext<'_>,
) -> Result<(), Error> {
    loop {
        let is_open = connection
            .receive(step)
            .await
            .map_err(|error| error.into_error(attempt))?;
        let progress = parser
            .advance(connection.input(), !is_open)
            .map_err(|error| http_error(error, attempt))?;
        connection.consume(progress.consumed);
        if progress.is_complete {
            return Ok(());
        }
        step.require_memory()
            .map_err(|error| error.into_error(attempt))?;
    }
}

/// Whether only this call ends: it has no more time, or was cancelled.
fn gives_up(error: &Error, deadline: Instant, context: CallContext<'_>) -> bool {
    match error {
        Error::Timeout(_) => context.now() >= deadline,
        Error::Cancelled(_) => true,
        _ => false,
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.turn.filter(|_| self.is_sent) {
            if let Some(connection) = self.connection.take() {
                let parser = std::mem::replace(&mut self.parser, ResponseParser::new());
                turn.leave(SentRequest { connection, parser });
            }
        }
    }
}

fn http_error(error: HttpError, attempt: &AttemptContext<'_>) -> Error {
    match error {
        HttpError::Incomplete => TransportError::ConnectionClosed.into_error(attempt),
        HttpError::OutOfMemory => TransportError::OutOfMemory.into_error(attempt),
        error => Error::protocol(error.to_string(), attempt.outcome()),
    }
}
