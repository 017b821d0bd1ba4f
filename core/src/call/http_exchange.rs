//! One attempt: sends a request over a connection and receives the response.

use std::time::Instant;

use ureq::http::Uri;

use super::api_error::REQUEST_TIMEOUT;
use crate::error::Error;
use crate::events::Phase;
use crate::http::{HttpError, HttpRequest, HttpResponse, MAX_HEAD, ResponseParser};
use crate::net::{
    AttemptContext, CallContext, Connection, ConnectionPool, MAX_INPUT, ProcessPool, Reuse, Step,
    TransportError,
};

// A connection must be able to hold the largest head.
const _: () = assert!(MAX_INPUT >= MAX_HEAD);

/// Sends a request once and waits for the response.
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
    context: CallContext<'_>,
) -> Result<HttpResponse, Error> {
    let attempt = AttemptContext::new(context, deadline);
    let step = attempt.step();
    let transport_error = |error: TransportError| error.into_error(&attempt);
    let pool = pool.current();
    let permit = pool.permit(step).await.map_err(transport_error)?;
    let connection = pool.acquire(request.url, reuse, step).await;
    let mut connection = connection.map_err(transport_error)?;
    let is_first = !connection.was_used();
    step.enter(Phase::Send);
    request.write_to(connection.output());
    connection.send(step).await.map_err(transport_error)?;
    step.enter(Phase::Wait);
    let mut parser = ResponseParser::new();
    let body_error = match receive(&mut connection, &mut parser, step, &attempt).await {
        Ok(()) => None,
        // The status is known, and says more than the error.
        Err(error) if parser.has_head() => Some(error),
        Err(error) => {
            if matches!(error, Error::Timeout(_)) {
                close_older_than_call(&pool, request.url, &connection, context);
            }
            return Err(error);
        }
    };
    let (status, headers, body, keep_alive) = parser
        .into_parts()
        .ok_or_else(|| Error::internal("receiving a response"))?;
    // Bytes after the response would be taken for the start of the next one.
    let is_in_step = body_error.is_none() && connection.input().is_empty();
    if keep_alive && is_in_step && status != REQUEST_TIMEOUT {
        pool.release(connection, context.time_since_boot());
    }
    drop(permit);
    Ok(HttpResponse {
        status,
        headers,
        body: body_error.map_or(Ok(body), Err),
        is_first,
    })
}

/// After a timeout on a connection that was open before the call, closes all idle connections to that server
/// that were not used during the call: whatever has forgotten one, such as a NAT, has forgotten all.
fn close_older_than_call(
    pool: &ProcessPool,
    url: &Uri,
    connection: &Connection,
    context: CallContext<'_>,
) {
    let (elapsed, now) = (context.elapsed(), context.time_since_boot());
    if connection.age(now) > elapsed {
        pool.close_idle_for(elapsed, url, now);
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
    }
}

fn http_error(error: HttpError, attempt: &AttemptContext<'_>) -> Error {
    match error {
        HttpError::Incomplete => TransportError::ConnectionClosed.into_error(attempt),
        error => Error::protocol(error.to_string(), attempt.outcome()),
    }
}
