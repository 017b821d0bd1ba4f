//! A fault: which requests it applies to, and what it does to them and their responses.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::date_header::DateHeader;
use super::request_pattern::{PathPattern, ReceivedRequest, RequestPattern};
use crate::api::error::ApiError;
use crate::domain::duration::parse_duration;

/// The longest delay. A client that wants no response at all has given up by then.
const MAX_DELAY: Duration = Duration::from_secs(3600);

/// A fault as the control routes accept and list it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FaultSpec {
    /// An exact path of the API or, with `*` at the end, a prefix of paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// For random faults only: the percentage of requests that the fault applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) percent: Option<f64>,
    /// The number of requests that the fault applies to. Without it, the fault applies to all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u64>,
    /// The fault applies only to connections that have had at least this many responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection_responses: Option<u64>,
    /// Whether the fault applies only to connections that were open when it was added.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) open_connections: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<String>,
    #[serde(default)]
    reset: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    silent: bool,
    /// How far the `Date` header is wrong, or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(default)]
    after: bool,
}

/// A valid fault.
#[derive(Clone)]
pub(super) struct Fault {
    pattern: RequestPattern,
    pub(super) when: When,
    pub(super) delay: Duration,
    headers: HeaderMap,
    date: Option<DateHeader>,
    action: Action,
    /// The fault as it was given, to list it.
    pub(super) spec: Value,
}

/// Whether a fault is applied before or after the request is processed. Before means that a fault with
/// a response of its own, or without one, replaces the processing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

/// What a fault does, apart from its delay.
#[derive(Clone)]
enum Action {
    /// The response gets only the headers of the fault.
    AddHeaders,
    /// The response is replaced or truncated.
    Respond {
        status: Option<StatusCode>,
        body: Option<Value>,
        truncate: Option<usize>,
    },
    /// The connection is reset.
    Reset,
    /// The request is never answered. The connection stays open.
    Silence,
}

/// What the client gets from a request with a fault.
pub(super) enum Effect {
    Respond(Response),
    Reset,
    Silence,
}

impl Fault {
    /// Parses a fault. `newest_connection` is the number of the newest connection. An error says what to
    /// change.
    pub(super) fn parse(spec: FaultSpec, newest_connection: u64) -> Result<Fault, String> {
        let path = spec.path.as_deref().ok_or("missing field `path`")?;
        let delay = spec.delay.as_deref().map(parse_delay).transpose()?;
        let headers = spec.headers.iter().map(parse_header);
        let fault = Fault {
            pattern: RequestPattern {
                path: PathPattern::parse(path)?,
                min_responses: spec.connection_responses.unwrap_or_default(),
                newest_connection: spec.open_connections.then_some(newest_connection),
            },
            when: match spec.after {
                true => When::After,
                false => When::Before,
            },
            delay: delay.unwrap_or_default(),
            headers: headers.collect::<Result<_, _>>()?,
            date: spec.date.as_deref().map(DateHeader::parse).transpose()?,
            action: Action::parse(&spec)?,
            spec: json!(spec),
        };
        if fault.date.is_some() && fault.headers.contains_key(DATE) {
            return Err("set either `date` or `Date` in `headers`".to_owned());
        }
        let does_nothing = matches!(fault.action, Action::AddHeaders)
            && fault.headers.is_empty()
            && fault.date.is_none()
            && fault.delay.is_zero();
        match does_nothing {
            true => Err(
                "the fault is empty: set at least one of `status`, `body`, `truncate`, `headers`, `date`, `delay`, `reset` and `silent`"
                    .to_owned(),
            ),
            false => Ok(fault),
        }
    }

    /// Whether the fault applies to a request.
    pub(super) fn matches(&self, request: &ReceivedRequest<'_>) -> bool {
        self.pattern.matches(request)
    }

    /// Whether the request is not processed. A fault that only delays or adds headers does not prevent
    /// that.
    pub(super) fn skips_handler(&self) -> bool {
        self.when == When::Before && !matches!(self.action, Action::AddHeaders)
    }

    /// Applies the fault to the response of a request; `None` if the request was not processed.
    pub(super) async fn apply_to(&self, response: Option<Response>) -> Effect {
        let mut response = match &self.action {
            Action::Reset => return Effect::Reset,
            Action::Silence => return Effect::Silence,
            Action::AddHeaders => response.unwrap_or_default(),
            Action::Respond {
                status,
                body,
                truncate,
            } => {
                let response = match (response, status, body) {
                    (Some(response), None, None) => response,
                    (response, status, body) => {
                        let original = response.map_or(StatusCode::OK, |it| it.status());
                        synthetic_response(status.unwrap_or(original), body.as_ref())
                    }
                };
                match truncate {
                    Some(length) => truncated(response, *length).await,
                    None => response,
                }
            }
        };
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        if let Some(date) = self.date {
            response.extensions_mut().insert(date);
        }
        Effect::Respond(response)
    }
}

impl Action {
    fn parse(spec: &FaultSpec) -> Result<Action, String> {
        let status = spec.status.map(parse_status).transpose()?;
        let changes_body = spec.body.is_some() || spec.truncate.is_some();
        if changes_body && status.is_some_and(has_no_body) {
            return Err(
                "a response with `status` 204, 205 or 304 has no body: remove `body` and `truncate`"
                    .to_owned(),
            );
        }
        let responds = status.is_some() || changes_body;
        let changes_headers = !spec.headers.is_empty() || spec.date.is_some();
        let has_no_response = spec.reset || spec.silent;
        if has_no_response && (responds || changes_headers || spec.reset == spec.silent) {
            let (key, other) = match spec.reset {
                true => ("reset", "silent"),
                false => ("silent", "reset"),
            };
            return Err(format!(
                "`{key}` cannot be combined with `{other}`, `status`, `body`, `truncate`, `headers` or `date`: there is no response"
            ));
        }
        Ok(match (has_no_response, responds) {
            (true, _) if spec.silent => Action::Silence,
            (true, _) => Action::Reset,
            (false, true) => Action::Respond {
                status,
                body: spec.body.clone(),
                truncate: spec.truncate,
            },
            (false, false) => Action::AddHeaders,
        })
    }
}

/// Whether a response with this status never has a body.
fn has_no_body(status: StatusCode) -> bool {
    matches!(status.as_u16(), 204 | 205 | 304)
}

/// A response that the service did not give. A string body is sent as it is, any other body as JSON.
/// Without a body, an error status gets the error document that the service would send.
fn synthetic_response(status: StatusCode, body: Option<&Value>) -> Response {
    match body {
        Some(Value::String(text)) => (status, text.clone()).into_response(),
        Some(body) => (status, axum::Json(body)).into_response(),
        None if status == StatusCode::TOO_MANY_REQUESTS => ApiError::new(
            status,
            "E130429",
            "API rate limit exceeded",
            "A fault in the emulator simulates this rate limit",
        )
        .into_response(),
        None if status.is_client_error() || status.is_server_error() => ApiError::new(
            status,
            "E010009",
            "Unknown server error",
            "A fault in the emulator simulates this failure",
        )
        .into_response(),
        None if has_no_body(status) => status.into_response(),
        None => (status, axum::Json(json!({}))).into_response(),
    }
}

/// Announces the whole body in `Content-Length` and sends only its first bytes. At least the last byte
/// is always missing.
async fn truncated(response: Response, length: usize) -> Response {
    let (mut head, body) = response.into_parts();
    // The emulator's own responses are complete and small.
    let whole = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let sent: Bytes = whole.slice(..length.min(whole.len().saturating_sub(1)));
    let end = stream::once(async {
        // Lets the server write the first bytes. An immediate error would discard them.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))
    });
    let body = stream::iter([Ok(sent)]).chain(end);
    Response::from_parts(head, Body::from_stream(body))
}

fn parse_status(number: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(number)
        .ok()
        .filter(|status| (200..=599).contains(&status.as_u16()))
        .ok_or_else(|| "`status` must be an HTTP status from 200 to 599".to_owned())
}

pub(super) fn parse_delay(text: &str) -> Result<Duration, String> {
    let delay = parse_duration(text).map_err(|problem| format!("`delay`: {problem}"))?;
    match delay <= MAX_DELAY {
        true => Ok(delay),
        false => Err("`delay` must be at most 1h".to_owned()),
    }
}

fn parse_header((name, value): (&String, &String)) -> Result<(HeaderName, HeaderValue), String> {
    let (Ok(parsed), Ok(value)) = (
        HeaderName::from_bytes(name.as_bytes()),
        HeaderValue::from_str(value),
    ) else {
        return Err(
            "`headers` must map header names to values, such as {\"Retry-After\": \"3\"}"
                .to_owned(),
        );
    };
    if [CONTENT_LENGTH, TRANSFER_ENCODING].contains(&parsed) {
        return Err(format!(
            "`headers` cannot set `{name}`: use `truncate` to cut the body short"
        ));
    }
    Ok((parsed, value))
}
