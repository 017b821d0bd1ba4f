//! A network and a clock that a fuzz target decides byte by byte: no socket is opened and no time passes.
//!
//! The server answers each request with one of a few responses, cut into pieces of any size. After the
//! last byte of the input the network either works or is dead.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::tcp_socket::ReceiveMode;
use super::transport_error::TransportError;

/// The wall clock at the start of a simulation, in seconds since 1970.
const START_SECONDS: u64 = 1_800_000_000;

/// A simulated network and clock.
pub(crate) struct Simulation(Mutex<State>);

struct State {
    decisions: VecDeque<u8>,
    /// Whether the network works after the last decision.
    ends_well: bool,
    start: Instant,
    elapsed: Duration,
    /// The response to a request for public keys.
    key_set: String,
    /// The call that runs.
    running: usize,
    connections: Vec<SimulatedConnection>,
    traffic: Vec<Traffic>,
}

/// What the network has seen of one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// Requests of the operation of which at least one byte was sent.
    pub requests: u32,
    /// Whether the server has sent it bytes that are no response.
    pub has_noise: bool,
}

#[derive(Default)]
struct SimulatedConnection {
    is_open: bool,
    /// The request that is being sent, and whether a part of its last write is still to come.
    request: Vec<u8>,
    is_partly_written: bool,
    /// Requests without a response.
    unanswered: Vec<Vec<u8>>,
    /// What the server has sent.
    arrived: Vec<u8>,
    is_closed_by_server: bool,
}

/// A socket of the simulation.
pub(super) struct SimulatedSocket {
    simulation: Arc<Simulation>,
    id: usize,
}

/// Waits of a simulated call: whoever runs the simulation continues it.
pub(crate) struct SimulatedWaiter {
    pub(crate) simulation: Arc<Simulation>,
    pub(crate) queue: u64,
}

impl Simulation {
    pub(crate) fn new(input: &[u8], ends_well: bool, key_set: &str) -> Arc<Simulation> {
        Arc::new(Simulation(Mutex::new(State {
            decisions: VecDeque::from(input.to_vec()),
            ends_well,
            start: Instant::now(),
            elapsed: Duration::ZERO,
            key_set: key_set.to_owned(),
            running: 0,
            connections: Vec::new(),
            traffic: Vec::new(),
        })))
    }

    /// The next byte of the input.
    pub(crate) fn decide(&self) -> Option<u8> {
        self.lock().decisions.pop_front()
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.lock().elapsed += time;
    }

    pub(crate) fn now(&self) -> Instant {
        let state = self.lock();
        state.start + state.elapsed
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    pub(crate) fn system_time(&self) -> SystemTime {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START_SECONDS);
        start + self.lock().elapsed
    }

    /// Notes which call runs from now on.
    pub(crate) fn run(&self, call: usize) {
        self.lock().running = call;
    }

    pub(crate) fn traffic(&self, call: usize) -> Traffic {
        let state = self.lock();
        state.traffic.get(call).copied().unwrap_or_default()
    }

    pub(crate) fn open_connections(&self) -> usize {
        let state = self.lock();
        state.connections.iter().filter(|one| one.is_open).count()
    }

    /// From now on the network works.
    pub(crate) fn mend(&self) {
        let mut state = self.lock();
        state.decisions.clear();
        state.ends_well = true;
    }

    /// A DNS lookup.
    pub(super) fn look_up(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Arc<[SocketAddr]>, TransportError> {
        let addresses = [
            IpAddr::V6(Ipv6Addr::LOCALHOST),
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V4(Ipv4Addr::BROADCAST),
        ];
        match self.lock().decide().map(|decision| decision % 8) {
            Some(0) => Err(TransportError::HostNotFound {
                host: host.to_owned(),
            }),
            count => {
                let count = usize::from(count.unwrap_or(1)).min(addresses.len());
                let addresses = addresses.into_iter().take(count);
                Ok(addresses
                    .map(|address| SocketAddr::new(address, port))
                    .collect())
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn decide(&mut self) -> Option<u8> {
        self.decisions.pop_front()
    }

    fn traffic(&mut self) -> &mut Traffic {
        if self.traffic.len() <= self.running {
            self.traffic.resize(self.running + 1, Traffic::default());
        }
        &mut self.traffic[self.running]
    }

    /// What a server sends back for a request.
    fn response(&mut self, request: &[u8]) -> Vec<u8> {
        let decision = self.decide().unwrap_or(0);
        if request.starts_with(b"CONNECT ") {
            return match decision % 4 {
                3 => b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".to_vec(),
                2 => b"HTTP/1.1 502 Bad Gateway\r\n\r\n".to_vec(),
                _ => b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
            };
        }
        let body = if request.starts_with(b"GET ") {
            self.key_set.clone()
        } else {
            format!(r#"{{"maskedPhone":"{}"}}"#, login_id(request))
        };
        let length = body.len();
        let text = match decision % 16 {
            1 => format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
            2 => format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"),
            3 => format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"),
            // More than the response: the connection must not be used again.
            4 => format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull"),
            // Less than the response.
            5 => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", length + 1),
            6 => "HTTP/1.1 400 Bad Request\r\nContent-Length: 27\r\n\r\n{\"errorCode\":\"E062108\",\"a\":}".to_owned(),
            7 => "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n".to_owned(),
            8 => "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_owned(),
            9 => "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_owned(),
            10 => "HTTP/1.1 520 Unknown\r\nContent-Length: 0\r\n\r\n".to_owned(),
            11 => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            _ => format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
        };
        text.into_bytes()
    }
}

impl SimulatedConnection {
    /// Adds bytes of a request. When it is complete, it waits for its response.
    fn accept(&mut self, bytes: &[u8]) {
        self.request.extend_from_slice(bytes);
        if let Some(length) = request_length(&self.request)
            && self.request.len() >= length
        {
            let rest = self.request.split_off(length);
            self.unanswered
                .push(std::mem::replace(&mut self.request, rest));
        }
    }
}

impl SimulatedSocket {
    /// Starts to connect.
    pub(super) fn connect(simulation: &Arc<Simulation>) -> io::Result<SimulatedSocket> {
        let mut state = simulation.lock();
        if state.decide().is_some_and(|decision| decision % 8 == 0) {
            return Err(io::ErrorKind::NetworkUnreachable.into());
        }
        state.connections.push(SimulatedConnection {
            is_open: true,
            ..SimulatedConnection::default()
        });
        Ok(SimulatedSocket {
            simulation: Arc::clone(simulation),
            id: state.connections.len() - 1,
        })
    }

    pub(super) fn connect_result(&self) -> Option<io::Result<()>> {
        let mut state = self.simulation.lock();
        match state.decide().map(|decision| decision % 4) {
            Some(0) => None,
            Some(1) => Some(Err(io::ErrorKind::ConnectionRefused.into())),
            None if !state.ends_well => None,
            _ => Some(Ok(())),
        }
    }

    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.simulation.lock();
        let decision = state.decide();
        let amount = match decision.map(|decision| decision % 8) {
            Some(0) => return Err(io::ErrorKind::WouldBlock.into()),
            Some(1) => return Err(io::ErrorKind::ConnectionReset.into()),
            Some(2 | 3) => usize::from(decision.unwrap_or(0) / 8) + 1,
            None if !state.ends_well => return Err(io::ErrorKind::WouldBlock.into()),
            _ => usize::MAX,
        };
        let accepted = &bytes[..bytes.len().min(amount)];
        let connection = &mut state.connections[self.id];
        let is_new = !std::mem::replace(
            &mut connection.is_partly_written,
            accepted.len() < bytes.len(),
        );
        connection.accept(accepted);
        if is_new && bytes.starts_with(b"POST ") {
            state.traffic().requests += 1;
        }
        Ok(accepted.len())
    }

    pub(super) fn receive(&self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<usize> {
        let mut state = self.simulation.lock();
        let is_peek = matches!(mode, ReceiveMode::Peek);
        if state.connections[self.id].arrived.is_empty() {
            self.let_server_act(&mut state, is_peek)?;
        }
        let piece = match state.decide() {
            Some(decision) if !is_peek => usize::from(decision).max(1),
            _ => usize::MAX,
        };
        let connection = &mut state.connections[self.id];
        let amount = piece.min(buffer.len()).min(connection.arrived.len());
        if amount == 0 && !connection.is_closed_by_server {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        buffer[..amount].copy_from_slice(&connection.arrived[..amount]);
        if !is_peek {
            connection.arrived.drain(..amount);
        }
        Ok(amount)
    }

    /// The server sends something, closes or resets the connection, or does nothing.
    fn let_server_act(&self, state: &mut State, is_idle: bool) -> io::Result<()> {
        let decision = state.decide();
        match decision.map(|decision| decision % 16) {
            Some(0..=3) => return Ok(()),
            Some(4) => state.connections[self.id].is_closed_by_server = true,
            Some(5) => return Err(io::ErrorKind::ConnectionReset.into()),
            // While no request is under way, nobody would expect it.
            Some(6) if !is_idle => {
                let length = usize::from(state.decide().unwrap_or(0)).min(state.decisions.len());
                let noise: Vec<u8> = state.decisions.drain(..length).collect();
                state.connections[self.id].arrived = noise;
                state.traffic().has_noise = true;
            }
            None if !state.ends_well => return Ok(()),
            _ => {}
        }
        let connection = &mut state.connections[self.id];
        if connection.unanswered.is_empty() || connection.is_closed_by_server {
            return Ok(());
        }
        let request = connection.unanswered.remove(0);
        let response = state.response(&request);
        state.connections[self.id].arrived.extend(response);
        Ok(())
    }
}

impl Drop for SimulatedSocket {
    fn drop(&mut self) {
        self.simulation.lock().connections[self.id].is_open = false;
    }
}

/// The length of a request, if its head is complete.
fn request_length(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    Some(end + length.unwrap_or(0))
}

/// The login ID in a request.
fn login_id(request: &[u8]) -> String {
    let text = String::from_utf8_lossy(request);
    let rest = text.split(r#""loginId":""#).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().to_owned()
}
