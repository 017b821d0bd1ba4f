//! What came in: the newest requests to the API, without their secrets.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::request::Parts;
use serde_json::{Map, Value, json};

use super::redact;
use crate::service::Service;

/// The largest body that is kept, in bytes.
const MAX_BODY: usize = 16 << 10;

/// One request. Secrets are gone from it already; login IDs and the like are taken out when it is shown.
struct Noted {
    number: u64,
    time: u64,
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
struct Kept {
    requests: VecDeque<Noted>,
    counted: u64,
}

/// The requests, oldest first.
pub(super) struct Requests {
    kept: Mutex<Kept>,
    /// How many are kept.
    limit: usize,
}

impl Requests {
    /// Keeps so many requests.
    pub(super) fn new(limit: usize) -> Requests {
        Requests {
            kept: Mutex::default(),
            limit,
        }
    }

    /// Notes a request as it comes in; its number is for [`Requests::answered`]. No body stands for one
    /// that could not be read.
    pub(super) fn note(
        &self,
        service: &Service,
        head: &Parts,
        body: Option<&[u8]>,
        fault: Option<Value>,
        time: u64,
    ) -> u64 {
        let json = body.filter(|body| body.len() <= MAX_BODY);
        let json = json.and_then(|body| serde_json::from_slice(body).ok());
        let noted = Noted {
            number: 0,
            time,
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: redact::query(head.uri.query().unwrap_or_default()),
            bearer: redact::bearer(&head.headers, service),
            headers: redact::headers(&head.headers),
            body: redact::secrets(json.unwrap_or_default()),
            body_size: body.map(<[u8]>::len),
            status: None,
            fault: fault.unwrap_or_default(),
        };
        let mut kept = self.lock();
        kept.counted += 1;
        let number = kept.counted;
        kept.requests.push_back(Noted { number, ..noted });
        if kept.requests.len() > self.limit {
            kept.requests.pop_front();
        }
        number
    }

    /// Notes with what status a request was answered; `None` if the connection was reset instead.
    pub(super) fn answered(&self, number: u64, status: Option<u16>) {
        let mut kept = self.lock();
        let mut newest_first = kept.requests.iter_mut().rev();
        // It may have been forgotten meanwhile.
        if let Some(noted) = newest_first.find(|noted| noted.number == number) {
            noted.status = status;
        }
    }

    pub(super) fn clear(&self) {
        self.lock().requests.clear();
    }

    /// The requests, newest last; whom they are about only if asked for.
    pub(super) fn to_json(&self, with_login_ids: bool) -> Value {
        let person = |value: &Value| match with_login_ids {
            true => value.clone(),
            false => redact::people(value.clone()),
        };
        let kept = self.lock();
        let shown = kept.requests.iter().map(|noted| {
            json!({
                "time": noted.time,
                "method": noted.method,
                "path": noted.path,
                "query": person(&Value::Object(noted.query.clone())),
                "bearer": noted.bearer,
                "headers": noted.headers,
                "body": person(&noted.body),
                "bodySize": noted.body_size,
                "status": noted.status,
                "fault": noted.fault,
            })
        });
        json!({"requests": shown.collect::<Vec<_>>()})
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
