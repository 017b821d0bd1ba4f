//! Simulated latency: the delay is at least the configured one, and no data are lost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{PHONE, TestEmulator};
use descope_ml_emulator::Options;
use serde_json::json;

const LATENCY: Duration = Duration::from_millis(50);

fn start_slow() -> TestEmulator {
    TestEmulator::start(Options {
        latency: LATENCY,
        ..Options::default()
    })
}

/// Requests the health route and keeps the connection. Returns how long the response took.
fn health_check(connection: &mut TcpStream) -> Duration {
    let start = Instant::now();
    connection
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut response = [0; 4096];
    let amount = connection.read(&mut response).unwrap();
    assert!(response[..amount].starts_with(b"HTTP/1.1 200"));
    start.elapsed()
}

#[test]
fn the_first_response_takes_two_round_trips_and_the_next_one() {
    let emulator = start_slow();
    let address = emulator.server.base_url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    assert!(health_check(&mut connection) >= 4 * LATENCY);
    assert!(health_check(&mut connection) >= 2 * LATENCY);
}

#[test]
fn a_large_request_arrives_complete() {
    let emulator = start_slow();
    emulator.sign_up(PHONE);
    let body = json!({"loginId": PHONE, "unknown": "x".repeat(200_000)});
    let (status, response) = emulator.post("/v1/auth/magiclink/signin/sms", "", &body);
    assert_eq!(status, 200, "{response}");
    assert_eq!(emulator.server.messages(PHONE).len(), 2);
}

#[test]
fn a_closed_connection_is_closed_on_both_sides() {
    let emulator = start_slow();
    let address = emulator.server.base_url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut response = Vec::new();
    connection.read_to_end(&mut response).unwrap();
    assert!(response.starts_with(b"HTTP/1.1 200"));
}
