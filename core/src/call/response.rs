//! What a response of the service means: the document that the API promises, or an error.

use std::time::SystemTime;

use serde_json::value::RawValue;

use super::api_error::api_error;
use crate::error::{Error, ErrorDetails};
use crate::http::HttpResponse;
use crate::json;
use crate::operations::ExpectedResponse;
use crate::status::Outcome;

/// A 2xx response with everything that the operation expects.
#[derive(Clone)]
pub(crate) struct ApiResponse {
    /// The body: a JSON object.
    pub(crate) json: String,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    /// When the response was made, by the clock of the service, if it has a session.
    pub(crate) date: Option<SystemTime>,
    /// The values of `Set-Cookie`.
    pub(crate) cookies: Vec<String>,
}

/// Checks a response. The clock is only read for an error.
///
/// # Errors
///
/// [`Error::Api`] or [`Error::RateLimited`] for any status except 2xx, [`Error::Protocol`] for a 2xx
/// response that is not as expected.
pub(crate) fn interpret_response(
    expected: ExpectedResponse,
    response: HttpResponse,
    now: impl FnOnce() -> SystemTime,
) -> Result<ApiResponse, Error> {
    if !(200..=299).contains(&response.status) {
        return Err(api_error(response, now()));
    }
    let status = response.status;
    let headers = response.headers;
    let unexpected = |problem: &str, request_id: Option<String>| {
        Error::Protocol(Box::new(ErrorDetails {
            http_status: Some(status),
            request_id,
            ..ErrorDetails::new(format!("HTTP {status}, but {problem}"), Outcome::Unknown)
        }))
    };
    let body = match response.body {
        Ok(body) => body,
        Err(Error::Protocol(details)) => {
            return Err(unexpected(&details.cause, headers.request_id));
        }
        Err(error) => return Err(error),
    };
    let has_session = expected == ExpectedResponse::Session;
    let date = has_session.then(|| headers.date()).flatten();
    match read_object(expected, body) {
        Ok(json) => Ok(ApiResponse {
            json,
            status,
            date,
            request_id: headers.request_id,
            cookies: headers.cookies,
        }),
        Err(Unexpected::NotAnObject) if headers.is_compressed => Err(unexpected(
            "the response is compressed, although the request did not allow it",
            headers.request_id,
        )),
        Err(Unexpected::NotAnObject) => Err(unexpected(
            "the response is not a JSON object",
            headers.request_id,
        )),
        Err(Unexpected::Missing(key)) => Err(unexpected(
            &format!("the response has no `{key}`"),
            headers.request_id,
        )),
    }
}

enum Unexpected {
    NotAnObject,
    Missing(&'static str),
}

/// The body as a JSON object that has the expected key.
fn read_object(expected: ExpectedResponse, body: Vec<u8>) -> Result<String, Unexpected> {
    let mut json = String::from_utf8(body).map_err(|_| Unexpected::NotAnObject)?;
    let without_mark = json::without_byte_order_mark(&json);
    if without_mark.len() < json.len() {
        json = without_mark.to_owned();
    }
    if let ExpectedResponse::ArrayKey(key) = expected {
        json = json::wrap_array(key, json);
    }
    let find = |key| json::find_raw(&json, key).ok_or(Unexpected::NotAnObject);
    let starts_with = |value: Option<&RawValue>, start: char| {
        value.is_some_and(|value| value.get().starts_with(start))
    };
    let (key, exists) = match expected {
        ExpectedResponse::AnyObject | ExpectedResponse::Session => {
            find("")?;
            return Ok(json);
        }
        ExpectedResponse::StringKey(key) => (key, find(key)?.and_then(json::as_string).is_some()),
        ExpectedResponse::ObjectKey(key) => (key, starts_with(find(key)?, '{')),
        ExpectedResponse::ArrayKey(key) => (key, starts_with(find(key)?, '[')),
    };
    if exists {
        return Ok(json);
    }
    Err(Unexpected::Missing(key))
}
