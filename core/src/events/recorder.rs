//! Measures one call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::call_event::{CallEvent, Phases, RequestEvent};
use crate::error::{Error, ErrorDetails};
use crate::status::Status;

/// What a call does at a time. Its time counts for one phase only, so the phases never add up to more
/// than the whole call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Work on this machine.
    Local,
    Dns,
    Connect,
    Tls,
    Send,
    Wait,
    Read,
    RetryWait,
    KeysWait,
    ConnectionWait,
}

/// Where a request goes.
pub(crate) struct RequestTarget<'a> {
    pub(crate) method: &'static str,
    pub(crate) is_https: bool,
    pub(crate) server_address: &'a str,
    pub(crate) server_port: u16,
    pub(crate) path: &'a str,
}

/// The measurements of a call. The lock is there because a call of a queue may change its thread. It is
/// held for a moment only.
pub(crate) struct Recorder(Mutex<Measurements>);

struct Measurements {
    start_time: SystemTime,
    start: Instant,
    phase: Phase,
    phase_start: Instant,
    phases: Phases,
    connection_reused: Option<bool>,
    /// The status and the ID of the response to the request of the call itself.
    http_status: Option<u16>,
    request_id: Option<String>,
    clock_difference_seconds: Option<i64>,
    requests: Vec<RequestEvent>,
    /// Whether the last of the requests is in progress.
    is_requesting: bool,
}

impl Recorder {
    pub(super) fn start() -> Recorder {
        let now = Instant::now();
        Recorder(Mutex::new(Measurements {
            start_time: SystemTime::now(),
            start: now,
            phase: Phase::Local,
            phase_start: now,
            phases: Phases::default(),
            connection_reused: None,
            http_status: None,
            request_id: None,
            clock_difference_seconds: None,
            requests: Vec::new(),
            is_requesting: false,
        }))
    }

    /// Notes that a phase begins, and the previous one ends.
    pub(crate) fn enter(&self, phase: Phase, now: impl FnOnce() -> Instant) {
        let mut measured = self.lock();
        if measured.phase != phase {
            measured.enter(phase, now());
        }
    }

    /// Notes whether the request has a connection that was open before.
    pub(crate) fn connection_acquired(&self, is_reused: bool) {
        let mut measured = self.lock();
        measured.connection_reused = Some(is_reused);
        if let Some(request) = measured.current_request() {
            request.connection_reused = Some(is_reused);
        }
    }

    /// Notes that a request starts.
    pub(crate) fn request_started(&self, target: &RequestTarget<'_>, attempt: u32, now: Instant) {
        let mut measured = self.lock();
        let start = now.saturating_duration_since(measured.start);
        measured.is_requesting = true;
        measured.connection_reused = None;
        measured.requests.push(RequestEvent {
            method: target.method,
            scheme: if target.is_https { "https" } else { "http" },
            server_address: target.server_address.to_owned(),
            server_port: target.server_port,
            path: target.path.to_owned(),
            attempt,
            start,
            duration: Duration::ZERO,
            status: Status::Ok,
            http_status: None,
            connection_reused: None,
        });
    }

    /// Notes the result of a request.
    pub(crate) fn request_ended(&self, status: Status, http_status: Option<u16>, now: Instant) {
        let mut measured = self.lock();
        measured.enter(Phase::Local, now);
        measured.end_request(status, http_status, now);
    }

    /// Notes the response to the request of the call itself.
    pub(crate) fn response_received(&self, http_status: u16, request_id: Option<&str>) {
        let mut measured = self.lock();
        measured.http_status = Some(http_status);
        measured.request_id = request_id.map(str::to_owned);
    }

    /// Notes by how many seconds the clock of this machine is ahead of that of the service.
    pub(crate) fn clocks_compared(&self, difference: Option<i64>) {
        self.lock().clock_difference_seconds = difference;
    }

    /// The event of the call, which is over.
    pub(crate) fn finish(
        &self,
        operation: &'static str,
        tag: Option<u64>,
        attempts: u32,
        error: Option<&Error>,
        now: Instant,
    ) -> CallEvent {
        let mut measured = self.lock();
        let status = error.map_or(Status::Ok, Error::status);
        measured.enter(Phase::Local, now);
        measured.end_request(status, error.and_then(Error::http_status), now);
        let mut event = CallEvent {
            operation,
            tag,
            status,
            outcome: None,
            reason: None,
            error_code: None,
            attempts,
            http_status: measured.http_status,
            request_id: measured.request_id.take(),
            connection_reused: measured.connection_reused,
            clock_difference_seconds: measured.clock_difference_seconds,
            start_time: measured.start_time,
            duration: now.saturating_duration_since(measured.start),
            phases: measured.phases,
            requests: std::mem::take(&mut measured.requests),
        };
        if let Some(error) = error {
            event.outcome = Some(error.outcome());
            event.reason = error.reason();
            let error_code = error
                .details()
                .and_then(ErrorDetails::well_formed_error_code);
            event.error_code = error_code.map(str::to_owned);
            event.attempts = error.attempts().unwrap_or_default();
            event.http_status = error.http_status();
            event.request_id = error.request_id().map(str::to_owned);
        }
        event
    }

    fn lock(&self) -> MutexGuard<'_, Measurements> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measurements {
    fn enter(&mut self, phase: Phase, now: Instant) {
        let elapsed = now.saturating_duration_since(self.phase_start);
        if let Some(time) = self.phases.of(self.phase) {
            *time += elapsed;
        }
        (self.phase, self.phase_start) = (phase, now);
    }

    fn current_request(&mut self) -> Option<&mut RequestEvent> {
        self.requests.last_mut().filter(|_| self.is_requesting)
    }

    /// Does nothing if no request is in progress.
    fn end_request(&mut self, status: Status, http_status: Option<u16>, now: Instant) {
        let elapsed = now.saturating_duration_since(self.start);
        if let Some(request) = self.current_request() {
            request.duration = elapsed.saturating_sub(request.start);
            request.status = status;
            request.http_status = http_status;
        }
        self.is_requesting = false;
    }
}

impl Phases {
    /// The time of a phase. Work on this machine is not counted.
    fn of(&mut self, phase: Phase) -> Option<&mut Duration> {
        Some(match phase {
            Phase::Local => return None,
            Phase::Dns => &mut self.dns,
            Phase::Connect => &mut self.connect,
            Phase::Tls => &mut self.tls,
            Phase::Send => &mut self.send,
            Phase::Wait => &mut self.wait,
            Phase::Read => &mut self.read,
            Phase::RetryWait => &mut self.retry_wait,
            Phase::KeysWait => &mut self.keys_wait,
            Phase::ConnectionWait => &mut self.connection_wait,
        })
    }
}
