//! What an event contains.

use std::time::{Duration, SystemTime};

use crate::error::Reason;
use crate::status::{Outcome, Status};

/// What is known about a call that is over. It contains no login ID, token or key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallEvent {
    /// The operation, such as `magiclink/signin/sms`, or `warm_up`.
    pub operation: &'static str,
    /// The tag of a call of a queue.
    pub tag: Option<u64>,
    /// The result of the call.
    pub status: Status,
    /// Whether the service may have processed the request of a call that failed.
    pub outcome: Option<Outcome>,
    /// Why a token is invalid, for [`Status::Token`].
    pub reason: Option<Reason>,
    /// The error code of the service, such as `E062108`.
    pub error_code: Option<String>,
    /// The number of requests that were tried.
    pub attempts: u32,
    /// The HTTP status of the last response.
    pub http_status: Option<u16>,
    /// The ID of the request at the edge of the service (`cf-ray`).
    pub request_id: Option<String>,
    /// Whether the last request used a connection that was already open. `None` without a connection.
    pub connection_reused: Option<bool>,
    /// By how many seconds the clock of this machine is ahead of that of the service, by the `Date` of the
    /// last response; negative: behind. `None` if it is not more than `jwtLeewaySeconds`.
    pub clock_difference_seconds: Option<i64>,
    /// When the call started.
    pub start_time: SystemTime,
    /// The time of the whole call.
    pub duration: Duration,
    /// Where that time went.
    pub phases: Phases,
    /// The HTTP requests of the call in their order: its attempts, and those for public keys.
    pub requests: Vec<RequestEvent>,
}

/// The time that a call has spent in each phase, all its requests together. The rest of its time is work
/// on this machine, such as the validation of signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phases {
    /// Looking up host names.
    pub dns: Duration,
    /// Opening TCP connections, and tunnels through a proxy.
    pub connect: Duration,
    /// TLS handshakes.
    pub tls: Duration,
    /// Sending requests.
    pub send: Duration,
    /// Waiting for the first byte of responses.
    pub wait: Duration,
    /// Receiving the rest of responses.
    pub read: Duration,
    /// Waiting between two attempts.
    pub retry_wait: Duration,
    /// Waiting for public keys that another call fetches.
    pub keys_wait: Duration,
    /// Waiting for one of the `maxConnections` connections.
    pub connection_wait: Duration,
}

/// One HTTP request of a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestEvent {
    /// The method, such as `POST`.
    pub method: &'static str,
    /// `https` or `http`.
    pub scheme: &'static str,
    /// The host name or IP address of the server, not of a proxy.
    pub server_address: String,
    /// The port of the server.
    pub server_port: u16,
    /// The path of the URL. There is no query.
    pub path: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The time from the start of the call to that of the request.
    pub start: Duration,
    /// The time from there to the end of the response, including the time to open a connection.
    pub duration: Duration,
    /// The result of the request.
    pub status: Status,
    /// The HTTP status of the response.
    pub http_status: Option<u16>,
    /// Whether it used a connection that was already open. `None` without a connection.
    pub connection_reused: Option<bool>,
}
