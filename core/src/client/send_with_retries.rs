//! Sends a request, with retries.

use std::thread;
use std::time::{Instant, SystemTime};

use super::Client;
use super::http_exchange::exchange;
use crate::call::{ApiResponse, RetryPolicy, interpret_response};
use crate::error::Error;
use crate::http::HttpRequest;
use crate::logging;
use crate::operations::{ExpectedResponse, Repeat};

/// A response, and how many attempts it took.
pub(super) struct Received {
    pub(super) response: ApiResponse,
    pub(super) attempts: u32,
}

impl Client {
    /// Sends a request until there is a response, or no other attempt is allowed.
    pub(super) fn send(
        &self,
        request: &HttpRequest<'_>,
        expected: ExpectedResponse,
        repeat: Repeat,
        deadline: Instant,
    ) -> Result<Received, Error> {
        let policy = RetryPolicy {
            max_attempts: self.settings.max_attempts,
            repeat,
            deadline,
        };
        let host = request.url.authority().map_or("", |host| host.as_str());
        let mut attempt = 1;
        loop {
            let (method, path) = (request.method.as_str(), request.url.path());
            logging::log_attempt(method, host, path, attempt, policy.max_attempts);
            let result = exchange(&self.pool, request, deadline)
                .and_then(|response| interpret_response(expected, response, SystemTime::now()));
            let error = match result {
                Ok(response) => {
                    return Ok(Received {
                        response,
                        attempts: attempt,
                    });
                }
                Err(error) => error,
            };
            let Some(delay) = policy.next_delay(&error, attempt, Instant::now()) else {
                return Err(error.with_attempts(attempt));
            };
            logging::log_retry(&error, attempt, policy.max_attempts, delay);
            thread::sleep(delay);
            attempt += 1;
        }
    }
}
