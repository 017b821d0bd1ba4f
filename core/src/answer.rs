//! Reads the service's answers: what the API promises, or the error that says what came instead.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::document;
use crate::error::{Error, Failure, MAYBE_DONE, Refusal};
use crate::operation::Promise;
use crate::status::Outcome;
use crate::transport::{Facts, Reply};

/// Codes of the service, and what a caller can do about them.
/// Source: the error constants of Descope's SDKs, and docs.descope.com/common-errors.
const ADVICE: [(&str, &str); 15] = [
    ("E011001", "the service could not read the request"),
    ("E011002", "the service misses a field: see errorMessage"),
    ("E011003", "a field is invalid: see errorMessage"),
    (
        "E013009",
        "the project has no messaging connector: add one in the console",
    ),
    ("E032101", "the SMS could not be delivered"),
    (
        "E032106",
        "the phone number is invalid: give it in the form +14155550123",
    ),
    (
        "E061003",
        "the host of `redirectUrl` is not an approved domain of the project",
    ),
    (
        "E062107",
        "a user with this login ID exists already: sign in instead",
    ),
    (
        "E062108",
        "no user has this login ID: sign the user up first",
    ),
    (
        "E071001",
        "the project ID is wrong: copy it from the Descope console",
    ),
    ("E061005", "the service does not take the token"),
    (
        "E062125",
        "the address is another user's: leave `failOnConflict` out to merge the two",
    ),
    (
        "E062504",
        "the link has expired, or was used already: send another",
    ),
    (
        "E064001",
        "the session was ended by a logout: sign the user in again",
    ),
    ("E111119", "the management key is wrong"),
];

/// An answer that is what the API promises.
pub(crate) struct Promised {
    /// The body, a JSON object.
    pub(crate) json: String,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    /// The values of its `Set-Cookie` headers.
    pub(crate) cookies: Vec<String>,
    /// How many requests it took.
    pub(crate) attempts: u32,
}

/// The answer, or the error that it amounts to.
pub(crate) fn read(promise: Promise, reply: Reply) -> Result<Promised, Error> {
    match reply.status {
        200..=299 => promised(promise, reply),
        _ => Err(refused(reply)),
    }
}

/// Whether an HTTP status says that the request never reached the service behind the edge.
pub(crate) fn is_unseen(http_status: u16) -> bool {
    matches!(http_status, 503 | 521 | 522 | 530)
}

/// A 2xx answer: a JSON object with what the operation promises.
fn promised(promise: Promise, reply: Reply) -> Result<Promised, Error> {
    let status = reply.status;
    let Facts {
        request_id,
        cookies,
        is_compressed,
        ..
    } = reply.facts;
    let broken = |why: String| {
        Error::Protocol(Failure {
            http_status: Some(status),
            request_id: request_id.clone(),
            ..Failure::new(
                format!("the service answered HTTP {status}, but {why}{MAYBE_DONE}"),
                Outcome::Unknown,
            )
        })
    };
    let body = match reply.body {
        Ok(body) => body,
        Err(Error::Protocol(failure)) => return Err(broken(failure.message.into_owned())),
        Err(error) => return Err(error),
    };
    let no_object = || {
        let why = match is_compressed {
            true => "the answer is compressed, which nobody asked for",
            false => "the answer is not a JSON object",
        };
        broken(why.to_owned())
    };
    let mut json = String::from_utf8(body).map_err(|_| no_object())?;
    if let Promise::Array(key) = promise {
        json = document::under(key, json);
    }
    {
        let members = document::object(&json).ok_or_else(no_object)?;
        let (key, is_there) = match promise {
            Promise::Nothing | Promise::Session => ("", true),
            Promise::Text(key) => (key, members.text(key).is_some()),
            Promise::Object(key) => (key, members.json(key, '{').is_some()),
            Promise::Array(key) => (key, members.json(key, '[').is_some()),
        };
        if !is_there {
            return Err(broken(format!("the answer lacks `{key}`")));
        }
    }
    Ok(Promised {
        json,
        status,
        request_id,
        cookies,
        attempts: 1,
    })
}

/// Anything outside 2xx, whatever its body.
fn refused(reply: Reply) -> Error {
    let status = reply.status;
    let body = reply.body.unwrap_or_default();
    let keys = ["errorCode", "errorDescription", "errorMessage", "message"];
    let texts = document::texts(&String::from_utf8_lossy(&body), keys);
    let [error_code, error_description, error_message, message_again] = texts.map(|text| {
        // No string in C has a NUL in it.
        text.map(|text| text.replace('\0', "\u{fffd}"))
            .filter(|text| !text.is_empty())
    });
    let retry_after = reply.facts.retry_after.as_deref().and_then(seconds);
    let outcome = match status {
        300..=499 => Outcome::Refused,
        _ if is_unseen(status) => Outcome::Refused,
        _ => Outcome::Unknown,
    };
    let refusal = Box::new(Refusal {
        message: message(status, outcome, error_code.as_deref(), retry_after),
        outcome,
        attempts: 0,
        http_status: status,
        request_id: reply.facts.request_id,
        error_code,
        error_description,
        error_message: error_message.or(message_again),
        retry_after,
    });
    match status {
        429 => Error::RateLimited(refusal),
        _ => Error::Api(refusal),
    }
}

fn message(
    status: u16,
    outcome: Outcome,
    code: Option<&str>,
    retry_after: Option<u64>,
) -> Cow<'static, str> {
    let code = code.filter(|code| is_code(code));
    let advice = ADVICE
        .iter()
        .find(|(known, _)| Some(*known) == code)
        .map(|(_, advice)| *advice);
    let advice = advice.unwrap_or(match status {
        300..=399 => "it redirects, which is never followed: check `baseUrl`",
        401 | 403 => "it does not accept the project ID, token or key of this call",
        404 => "it does not know the path: check `baseUrl`",
        429 => "too many requests",
        503 | 521 | 522 | 530 => "it is not available: try again later",
        100..=199 => "it does not answer as the API does: check `baseUrl`",
        500.. => "it failed",
        _ => "it refused the request",
    });
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let maybe = match outcome {
        Outcome::Unknown => MAYBE_DONE,
        _ => "",
    };
    let wait = match retry_after {
        Some(seconds) => format!(": try again after {seconds} s"),
        None => String::new(),
    };
    Cow::Owned(format!(
        "the service answered HTTP {status}{code}: {advice}{maybe}{wait}"
    ))
}

/// Whether a text is one of the service's codes, and so can be repeated in a message.
pub(crate) fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('E').unwrap_or_default();
    (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The longest time to wait that is told, in seconds: more than anyone waits, and no more than every
/// language's integers hold.
const LONGEST_WAIT: u64 = i32::MAX as u64;

/// `Retry-After` in seconds from now, which may also be given as an HTTP date (RFC 9110, 10.2.3).
fn seconds(retry_after: &str) -> Option<u64> {
    let text = retry_after.trim();
    let seconds = match text.parse() {
        Ok(seconds) => seconds,
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            let left = date.duration_since(SystemTime::now()).unwrap_or_default();
            left.as_secs() + u64::from(left.subsec_nanos() > 0)
        }
    };
    Some(seconds.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_a_code_of_the_service_and_no_other_text_in_its_place() {
        let shown = |code: &str| {
            let reply = Reply {
                status: 400,
                facts: Facts::default(),
                body: Ok(format!(r#"{{"errorCode": "{code}"}}"#).into_bytes()),
            };
            let error = refused(reply);
            assert_eq!(error.error_code(), Some(code));
            format!("{error:?}")
        };
        assert!(shown("E062108").contains("E062108"));
        assert!(!shown("ann@example.com").contains("ann"));
    }
}
