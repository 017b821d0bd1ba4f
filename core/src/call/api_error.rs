//! Errors of the service: any HTTP status except 2xx, with advice for the known error codes.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::error::{Error, ErrorDetails, is_error_code};
use crate::http::{HttpResponse, parse_retry_after};
use crate::json;
use crate::status::Outcome;

/// Servers send it on open connections that they are about to close.
pub(super) const REQUEST_TIMEOUT: u16 = 408;

/// What the error codes of the service mean, and what to do.
/// Source: the error constants of Descope's SDKs, and docs.descope.com/common-errors.
const ADVICE_BY_CODE: [(&str, &str); 17] = [
    ("E011001", "the service could not read the request"),
    ("E011002", "a required field is missing: see `errorMessage`"),
    ("E011003", "a field is invalid: see `errorMessage`"),
    (
        "E013009",
        "the project has no messaging connector: add one in the Descope console",
    ),
    ("E032101", "the SMS could not be delivered"),
    (
        "E032106",
        "the phone number is invalid: use the form +14155550123",
    ),
    (
        "E061003",
        "the host of `redirectUrl` is not an approved domain of the project",
    ),
    ("E061005", "the service rejected the token"),
    (
        "E062107",
        "a user with this login ID already exists: sign in instead",
    ),
    (
        "E062108",
        "no user has this login ID: sign the user up first",
    ),
    (
        "E062125",
        "another user has this address: remove `failOnConflict` to merge both users",
    ),
    (
        "E062504",
        "the link has expired or was already used: request a new one",
    ),
    ("E062802", "the access key is missing"),
    (
        "E062803",
        "the access key is wrong, expired or deactivated: create a new one in the Descope console",
    ),
    (
        "E064001",
        "the session was ended by a logout: sign the user in again",
    ),
    (
        "E071001",
        "the project ID is wrong: copy it from the Descope console",
    ),
    ("E111119", "the management key is wrong"),
];

/// Whether the status says that the service has not got the request: a server that waited for all of it in
/// vain (408; RFC 9110, 15.5.9), or an edge that did not forward it.
pub(super) fn never_reached_service(http_status: u16) -> bool {
    matches!(http_status, REQUEST_TIMEOUT | 503 | 521 | 522 | 530)
}

/// The error for a response with any status except 2xx.
#[cold]
pub(super) fn api_error(response: HttpResponse, now: SystemTime) -> Error {
    let status = response.status;
    let body = response.body.unwrap_or_default();
    let keys = ["errorCode", "errorDescription", "errorMessage", "message"];
    let strings = json::string_members(
        json::without_byte_order_mark(&String::from_utf8_lossy(&body)),
        keys,
    );
    let [error_code, error_description, error_message, message] = strings.map(|text| {
        // Strings in C cannot contain NUL.
        text.map(|text| text.replace('\0', "\u{fffd}"))
            .filter(|text| !text.is_empty())
    });
    let retry_after = response.headers.retry_after.as_deref();
    // A date is meant by the clock of the service.
    let now = response.headers.date().unwrap_or(now);
    let retry_after = retry_after.and_then(|value| parse_retry_after(value, now));
    let outcome = match status {
        300..=499 => Outcome::Refused,
        _ if never_reached_service(status) => Outcome::Refused,
        _ => Outcome::Unknown,
    };
    let cause = describe(status, error_code.as_deref(), retry_after);
    let details = Box::new(ErrorDetails {
        http_status: Some(status),
        request_id: response.headers.request_id,
        error_code,
        error_description,
        error_message: error_message.or(message),
        retry_after,
        ..ErrorDetails::new(cause, outcome)
    });
    match status {
        429 => Error::RateLimited(details),
        _ => Error::Api(details),
    }
}

fn describe(status: u16, code: Option<&str>, retry_after: Option<u64>) -> Cow<'static, str> {
    // Any other text in its place may quote the request.
    let code = code.filter(|code| is_error_code(code));
    let by_code = ADVICE_BY_CODE
        .iter()
        .find(|(known, _)| Some(*known) == code);
    let advice = match by_code {
        Some((_, advice)) => advice,
        None => advice_by_status(status),
    };
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let retry = match retry_after {
        Some(seconds) => format!(". Retry after {seconds} s"),
        None => String::new(),
    };
    Cow::Owned(format!("HTTP {status}{code}: {advice}{retry}"))
}

fn advice_by_status(status: u16) -> &'static str {
    match status {
        300..=399 => "redirects are not followed: check `baseUrl`",
        401 | 403 => "the service rejected the project ID, token or key",
        404 => "path not found: check `baseUrl`",
        429 => "too many requests",
        _ if never_reached_service(status) => "the service is unavailable: try again later",
        100..=199 => "unexpected status: check that `baseUrl` is the URL of the Descope API",
        500.. => "internal error in the service",
        _ => "the service rejected the request",
    }
}
