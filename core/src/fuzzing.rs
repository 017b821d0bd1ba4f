//! What the fuzz targets under `fuzz/` need of the internals. Not part of the API: this module exists only
//! with the feature `fuzzing`, which nothing else may enable.

use std::time::{Duration, SystemTime};

use ureq::http::{HeaderName, HeaderValue};

pub use crate::client::fuzzing::{SimulatedCall, SimulationEnd};
pub use crate::net::Traffic;

use crate::call;
use crate::client::Client;
use crate::config::Config;
use crate::error::Error;
use crate::http::{HttpResponse, ResponseHeaders};
use crate::operations::{ExpectedResponse, OPERATIONS, Operation, OperationKind};

/// A response as it arrives.
pub struct Response<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Names and values. Headers that are not valid in HTTP are left out.
    pub headers: Vec<(&'a [u8], &'a [u8])>,
    /// The body.
    pub body: Vec<u8>,
}

/// The names of all operations.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.name)
}

/// The body of a request. `None` for a local operation.
///
/// # Errors
///
/// [`Error::Argument`], as in a call.
pub fn body(operation: &str, request: &str) -> Result<Option<String>, Error> {
    let operation = Operation::by_name(operation)?;
    let request = operation.parse_request(request)?;
    operation.validate_request(&request)?;
    match operation.kind {
        OperationKind::Remote(_) => call::body(&request).map(|body| String::from_utf8(body).ok()),
        OperationKind::Local(_) => Ok(None),
    }
}

/// Validates a configuration without the environment, and without reading the files that it names.
///
/// # Errors
///
/// [`Error::Config`], as in a client.
pub fn settings(config: &str) -> Result<(), Error> {
    Client::validate_config(Config::from_json(config)?)
}

/// The result of a call with this response. No keys are fetched.
///
/// # Errors
///
/// Any [`Error`], as in a call.
pub fn response(
    client: &Client,
    operation: &str,
    request: &str,
    response: Response<'_>,
) -> Result<String, Error> {
    let operation = Operation::by_name(operation)?;
    let request = operation.parse_request(request)?;
    let expected = match &operation.kind {
        OperationKind::Remote(endpoint) => endpoint.expected,
        OperationKind::Local(_) => ExpectedResponse::AnyObject,
    };
    let mut headers = ResponseHeaders::default();
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.add(name.as_str(), value.as_bytes());
        }
    }
    let response = HttpResponse {
        status: response.status,
        headers,
        body: Ok(response.body),
        is_first: true,
        max_age: Duration::ZERO,
    };
    let response = call::interpret_response(expected, response, SystemTime::now)?;
    if expected != ExpectedResponse::Session {
        return Ok(response.json);
    }
    client.complete_session_offline(&request, response)
}

/// Makes calls on a network and with a clock that `input` decides byte by byte. `key_set` is what the server
/// has as the public keys of the project, `timeout` what the configuration says.
///
/// # Errors
///
/// [`Error::Config`], as in a client.
pub fn simulate(
    config: &str,
    key_set: &str,
    timeout: Duration,
    input: &[u8],
) -> Result<SimulationEnd, Error> {
    let client = Client::from_json(Some(config))?;
    Ok(client.simulate(input, key_set, timeout))
}
