//! A fault: what is to go wrong with requests to a path, and how an answer is spoiled by it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::Problem;
use crate::api::Refusal;
use crate::options;

/// The longest delay: whoever wants no answer at all has given up by then.
const MAX_DELAY: Duration = Duration::from_secs(3600);

/// A fault as it is asked for and listed.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    /// An exact path of the API, or the start of some with `*` at the end.
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<String>,
    #[serde(default)]
    pub(super) reset: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// How many requests it meets; all of them, when it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u64>,
    #[serde(default)]
    pub(super) after: bool,
}

/// A fault that can be done.
#[derive(Clone)]
pub(super) struct Fault {
    pub(super) wanted: Wanted,
    status: Option<StatusCode>,
    pub(super) delay: Duration,
    headers: HeaderMap,
}

impl Fault {
    /// Reads what is asked for.
    pub(super) fn new(wanted: Wanted) -> Result<Fault, Problem> {
        let fault = Fault {
            status: wanted.status.map(status).transpose()?,
            delay: wanted
                .delay
                .as_deref()
                .map(delay)
                .transpose()?
                .unwrap_or_default(),
            headers: wanted
                .headers
                .iter()
                .map(header)
                .collect::<Result<_, _>>()?,
            wanted,
        };
        fault.check()?;
        Ok(fault)
    }

    fn check(&self) -> Result<(), Problem> {
        let wanted = &self.wanted;
        let path = wanted.path.strip_suffix('*').unwrap_or(&wanted.path);
        if !path.starts_with('/') || path.contains('*') {
            return Err(Problem::new(
                "`path` must be a path such as /v1/auth/magiclink/verify, or the start of some such as /v1/auth/*",
            ));
        }
        // `/*` are all paths of the API.
        if !is_api(path) && wanted.path != "/*" {
            return Err(Problem::new(
                "`path` must be one of the API: the inbox, /_emulator and /healthz have no faults",
            ));
        }
        if wanted.times == Some(0) {
            return Err(Problem::new(
                "`times` must be at least 1: leave it out for every request",
            ));
        }
        let spoken = wanted.body.is_some() || wanted.truncate.is_some();
        if spoken && self.status.is_some_and(is_silent) {
            return Err(Problem::new(
                "an answer with `status` 204, 205 or 304 has no body: leave out `body` and `truncate`",
            ));
        }
        let answer = self.makes_answer();
        if wanted.reset && (answer || !wanted.headers.is_empty()) {
            return Err(Problem::new(
                "`reset` leaves no answer: leave out `status`, `body`, `truncate` and `headers`, or `reset`",
            ));
        }
        if !wanted.reset && !answer && wanted.headers.is_empty() && self.delay.is_zero() {
            return Err(Problem::new(
                "nothing goes wrong: give `status`, `body`, `truncate`, `headers`, `delay` or `reset`",
            ));
        }
        Ok(())
    }

    /// Whether it is meant for a path.
    pub(super) fn meets(&self, path: &str) -> bool {
        match self.wanted.path.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => path == self.wanted.path,
        }
    }

    /// Whether the request never takes effect: another answer comes instead. A fault that only delays
    /// or adds headers leaves the request its effect.
    pub(super) fn prevents(&self) -> bool {
        !self.wanted.after && (self.wanted.reset || self.makes_answer())
    }

    fn makes_answer(&self) -> bool {
        self.status.is_some() || self.wanted.body.is_some() || self.wanted.truncate.is_some()
    }

    /// The answer to a request that is spoiled; `None` stands for one that took no effect.
    pub(super) async fn spoil(&self, answer: Option<Response>) -> Response {
        let mut answer = match (answer, self.status, &self.wanted.body) {
            (Some(answer), None, None) => answer,
            (answer, status, body) => {
                let own = answer.map_or(StatusCode::OK, |answer| answer.status());
                made_up(status.unwrap_or(own), body.as_ref())
            }
        };
        if let Some(length) = self.wanted.truncate {
            answer = cut(answer, length).await;
        }
        for (name, value) in &self.headers {
            answer.headers_mut().insert(name, value.clone());
        }
        answer
    }
}

/// Whether a path is the API's, and not the emulator's own.
pub(super) fn is_api(path: &str) -> bool {
    !(path == "/" || path == "/healthz" || path == "/_emulator" || path.starts_with("/_emulator/"))
}

/// Whether an answer with this status has no body.
fn is_silent(status: StatusCode) -> bool {
    matches!(status.as_u16(), 204 | 205 | 304)
}

/// An answer that the service did not give: a text as it is, all else as JSON; without a body the
/// service's own words for such a status.
fn made_up(status: StatusCode, body: Option<&Value>) -> Response {
    match body {
        Some(Value::String(text)) => (status, text.clone()).into_response(),
        Some(body) => (status, axum::Json(body)).into_response(),
        None if status == StatusCode::TOO_MANY_REQUESTS => Refusal::new(
            status,
            "E130429",
            "API rate limit exceeded",
            "The limit of requests was reached, as the emulator was asked to answer",
        )
        .into_response(),
        None if status.is_client_error() || status.is_server_error() => Refusal::new(
            status,
            "E010009",
            "Unknown server error",
            "The request failed, as the emulator was asked to answer",
        )
        .into_response(),
        None if is_silent(status) => status.into_response(),
        None => (status, axum::Json(json!({}))).into_response(),
    }
}

/// Announces the whole body and sends its first bytes; at least the last byte is always missing.
async fn cut(answer: Response, length: usize) -> Response {
    let (mut head, body) = answer.into_parts();
    // The emulator's own answers are whole and small.
    let whole = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let sent: Bytes = whole.slice(..length.min(whole.len().saturating_sub(1)));
    let end = stream::once(async {
        // What is there is written first: an error at once would take it along.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))
    });
    let body = stream::iter([Ok(sent)]).chain(end);
    Response::from_parts(head, Body::from_stream(body))
}

fn status(number: u16) -> Result<StatusCode, Problem> {
    StatusCode::from_u16(number)
        .ok()
        .filter(|status| (200..=599).contains(&status.as_u16()))
        .ok_or_else(|| Problem::new("`status` must be an HTTP status from 200 to 599"))
}

fn delay(text: &str) -> Result<Duration, Problem> {
    let delay =
        options::duration(text).map_err(|problem| Problem::new(format!("`delay`: {problem}")))?;
    match delay <= MAX_DELAY {
        true => Ok(delay),
        false => Err(Problem::new("`delay` must be 1h at most")),
    }
}

fn header((name, value): (&String, &String)) -> Result<(HeaderName, HeaderValue), Problem> {
    let (Ok(parsed), Ok(value)) = (
        HeaderName::from_bytes(name.as_bytes()),
        HeaderValue::from_str(value),
    ) else {
        return Err(Problem::new(
            "`headers` must be names with texts, such as {\"Retry-After\": \"3\"}",
        ));
    };
    if [CONTENT_LENGTH, TRANSFER_ENCODING].contains(&parsed) {
        return Err(Problem::new(format!(
            "`headers` cannot say `{name}`: use `truncate` for a body that is cut short"
        )));
    }
    Ok((parsed, value))
}
