//! The request log: the newest requests to the API, without their secrets.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::redact;
use super::request_pattern::{PathPattern, ReceivedRequest};
use crate::domain::project::Project;

/// The maximum size of a body that is recorded, in bytes.
const MAX_BODY_SIZE: usize = 16 << 10;

/// One request. Secrets are never recorded; personal data are redacted when the log is read.
struct RecordedRequest {
    number: u64,
    /// In seconds since 1970.
    time: u64,
    /// The number of the connection that it came on.
    connection: u64,
    method: String,
    path: String,
    query: Map<String, Value>,
    bearer: Value,
    headers: Map<String, Value>,
    body: Value,
    body_size: Option<usize>,
    status: Option<u16>,
    fault: Value,
}

#[derive(Default)]
struct Entries {
    /// Oldest first.
    requests: VecDeque<RecordedRequest>,
    /// The number of the newest request.
    last_number: u64,
}

/// The newest requests, up to a limit.
pub(crate) struct RequestLog {
    entries: Mutex<Entries>,
    limit: usize,
}

impl RequestLog {
    pub(super) fn new(limit: usize) -> RequestLog {
        RequestLog {
            entries: Mutex::default(),
            limit,
        }
    }

    /// Records a request as it arrives. Returns its number, for [`RequestLog::set_status`].
    pub(super) fn record(
        &self,
        project: &Project,
        received: &ReceivedRequest<'_>,
        fault: Option<Value>,
    ) -> u64 {
        let ReceivedRequest { head, body, .. } = received;
        let json = body.filter(|body| body.len() <= MAX_BODY_SIZE);
        let json = json.and_then(|body| serde_json::from_slice(body).ok());
        let request = RecordedRequest {
            number: 0,
            time: project.read_clock().now,
            method: head.method.to_string(),
            connection: received.connection.number(),
            path: head.uri.path().to_owned(),
            query: redact::redact_query(head.uri.query().unwrap_or_default()),
            bearer: redact::describe_bearer(&head.headers, project),
            headers: redact::redact_headers(&head.headers),
            body: redact::redact_secrets(json.unwrap_or_default()),
            body_size: body.map(<[u8]>::len),
            status: None,
            fault: fault.unwrap_or_default(),
        };
        let mut entries = self.lock();
        entries.last_number += 1;
        let number = entries.last_number;
        entries
            .requests
            .push_back(RecordedRequest { number, ..request });
        if entries.requests.len() > self.limit {
            entries.requests.pop_front();
        }
        number
    }

    /// Records the status of the response to a request. It stays `None` without a response.
    pub(super) fn set_status(&self, number: u64, status: u16) {
        let mut entries = self.lock();
        let mut newest_first = entries.requests.iter_mut().rev();
        // The request may have left the log in the meantime.
        if let Some(request) = newest_first.find(|request| request.number == number) {
            request.status = Some(status);
        }
    }

    pub(crate) fn clear(&self) {
        self.lock().requests.clear();
    }

    /// The requests to these paths (`None`: to all paths), newest last. Login IDs and other personal data
    /// are redacted unless requested.
    pub(crate) fn to_json(&self, paths: Option<&PathPattern>, with_login_ids: bool) -> Value {
        let personal = |value: &Value| match with_login_ids {
            true => value.clone(),
            false => redact::redact_personal(value.clone()),
        };
        let entries = self.lock();
        let is_listed = |path: &str| paths.is_none_or(|paths| paths.matches(path));
        let listed = entries.requests.iter();
        let listed = listed.filter(|request| is_listed(&request.path));
        let list = listed.map(|request| {
            json!({
                "time": request.time,
                "connection": request.connection,
                "method": request.method,
                "path": request.path,
                "query": personal(&Value::Object(request.query.clone())),
                "bearer": request.bearer,
                "headers": request.headers,
                "body": personal(&request.body),
                "bodySize": request.body_size,
                "status": request.status,
                "fault": request.fault,
            })
        });
        json!({"requests": list.collect::<Vec<_>>()})
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
