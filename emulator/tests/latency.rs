//! A network that takes its time: at least as long as it was told, and nothing is lost or held back.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{Local, PHONE};
use descope_ml_emulator::Options;
use serde_json::json;

const LATENCY: Duration = Duration::from_millis(50);

fn slow() -> Local {
    Local::start(Options {
        latency: LATENCY,
        ..Options::default()
    })
}

/// Asks whether it serves, over a connection that is kept; how long the answer took.
fn health(connection: &mut TcpStream) -> Duration {
    let start = Instant::now();
    connection
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut answer = [0; 4096];
    let amount = connection.read(&mut answer).unwrap();
    assert!(answer[..amount].starts_with(b"HTTP/1.1 200"));
    start.elapsed()
}

#[test]
fn the_first_answer_takes_two_round_trips_and_the_next_one() {
    let local = slow();
    let address = local.emulator.base_url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    assert!(health(&mut connection) >= 4 * LATENCY);
    assert!(health(&mut connection) >= 2 * LATENCY);
}

#[test]
fn what_is_large_comes_whole() {
    let local = slow();
    local.sign_up(PHONE);
    let body = json!({"loginId": PHONE, "unknown": "x".repeat(200_000)});
    let (status, answer) = local.post("/v1/auth/magiclink/signin/sms", "", &body);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(local.emulator.messages(PHONE).len(), 2);
}

#[test]
fn an_end_goes_on_to_the_other_side() {
    let local = slow();
    let address = local.emulator.base_url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}
