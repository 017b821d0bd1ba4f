//! The JSON form of an event, the same in C, C++ and Python.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::value::RawValue;

use super::call_event::{CallEvent, Phases, RequestEvent};
use crate::error::Reason;
use crate::status::{Outcome, Status};

/// Keys without a value are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<u64>,
    status: i32,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_reused: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_difference_seconds: Option<i64>,
    start_time_ms: Box<RawValue>,
    total_ms: Box<RawValue>,
    phases: PhasesDocument,
    requests: Vec<RequestDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhasesDocument {
    dns_ms: Box<RawValue>,
    connect_ms: Box<RawValue>,
    tls_ms: Box<RawValue>,
    send_ms: Box<RawValue>,
    wait_ms: Box<RawValue>,
    read_ms: Box<RawValue>,
    retry_wait_ms: Box<RawValue>,
    keys_wait_ms: Box<RawValue>,
    connection_wait_ms: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestDocument<'a> {
    method: &'static str,
    scheme: &'static str,
    server_address: &'a str,
    server_port: u16,
    path: &'a str,
    attempt: u32,
    start_ms: Box<RawValue>,
    duration_ms: Box<RawValue>,
    status: i32,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_reused: Option<bool>,
}

impl CallEvent {
    /// The event as a JSON object: `{"operation": "magiclink/signin/sms", "status": 0, …}`. Times are in
    /// milliseconds, `startTimeMs` since 1970.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A local operation sends nothing.
        let success = (self.status == Status::Ok && self.attempts > 0).then_some("sent");
        let start_time = self.start_time.duration_since(SystemTime::UNIX_EPOCH);
        let document = Document {
            operation: self.operation,
            tag: self.tag,
            status: self.status.code(),
            name: self.status.name(),
            outcome: self.outcome.map(Outcome::as_str).or(success),
            reason: self.reason.map(Reason::as_str),
            error_code: self.error_code.as_deref(),
            attempts: self.attempts,
            http_status: self.http_status,
            request_id: self.request_id.as_deref(),
            connection_reused: self.connection_reused,
            clock_difference_seconds: self.clock_difference_seconds,
            start_time_ms: milliseconds(start_time.unwrap_or_default()),
            total_ms: milliseconds(self.duration),
            phases: PhasesDocument::new(&self.phases),
            requests: self.requests.iter().map(RequestDocument::new).collect(),
        };
        // Strings and numbers only, so serialization cannot fail.
        serde_json::to_string(&document).unwrap_or_default()
    }
}

impl PhasesDocument {
    fn new(phases: &Phases) -> PhasesDocument {
        PhasesDocument {
            dns_ms: milliseconds(phases.dns),
            connect_ms: milliseconds(phases.connect),
            tls_ms: milliseconds(phases.tls),
            send_ms: milliseconds(phases.send),
            wait_ms: milliseconds(phases.wait),
            read_ms: milliseconds(phases.read),
            retry_wait_ms: milliseconds(phases.retry_wait),
            keys_wait_ms: milliseconds(phases.keys_wait),
            connection_wait_ms: milliseconds(phases.connection_wait),
        }
    }
}

impl RequestDocument<'_> {
    fn new(request: &RequestEvent) -> RequestDocument<'_> {
        RequestDocument {
            method: request.method,
            scheme: request.scheme,
            server_address: &request.server_address,
            server_port: request.server_port,
            path: &request.path,
            attempt: request.attempt,
            start_ms: milliseconds(request.start),
            duration_ms: milliseconds(request.duration),
            status: request.status.code(),
            name: request.status.name(),
            http_status: request.http_status,
            connection_reused: request.connection_reused,
        }
    }
}

/// Milliseconds with three decimal places, rounded down: so the phases do not add up to more than the
/// total. Written without floating point, whose formatting would add 20 kB to the library.
fn milliseconds(time: Duration) -> Box<RawValue> {
    let text = format!("{}.{:03}", time.as_millis(), time.subsec_micros() % 1_000);
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_microseconds() {
        for (nanoseconds, text) in [
            (1_760_000_000_123_456_789, "1760000000123.456"),
            (1_050_000, "1.050"),
            (1_999, "0.001"),
            (0, "0.000"),
        ] {
            assert_eq!(milliseconds(Duration::from_nanos(nanoseconds)).get(), text);
        }
    }
}
