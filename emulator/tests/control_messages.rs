//! The control routes for messages: the latest one, deleting, and the webhook.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use common::{PHONE, TestEmulator, start};
use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};

const OTHER: &str = "+14155550199";
const LATEST: &str = "/_emulator/messages/latest";

#[test]
fn the_latest_message_to_an_address_is_returned() {
    let emulator = start();
    emulator.sign_up(PHONE);
    emulator.sign_in(&json!({}));
    emulator.sign_up(OTHER);
    for (query, to) in [
        ("", OTHER),
        ("?to=%2B14155550123", PHONE),
        ("?to=+14155550123&wait=5s", PHONE),
    ] {
        let (status, message) = emulator.get(&format!("{LATEST}{query}"));
        assert_eq!((status, &message["to"]), (200, &json!(to)));
        assert_eq!(message["token"], json!(emulator.newest_token(to)));
    }
}

#[test]
fn without_a_message_the_response_is_404_after_the_wait() {
    let emulator = start();
    let (status, missing) = emulator.get(&format!("{LATEST}?to=nobody&wait=20ms"));
    let problem = missing["error"].as_str().unwrap();
    assert!(status == 404 && problem.contains("wait=5s"), "{problem}");
    assert_eq!(emulator.get(&format!("{LATEST}?wait=soon")).0, 400);
}

#[test]
fn a_message_that_arrives_during_the_wait_is_returned() {
    let emulator = start();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| emulator.get(&format!("{LATEST}?to={PHONE}&wait=60s")));
        emulator.sign_up(OTHER);
        emulator.sign_up(PHONE);
        let (status, message) = waiting.join().unwrap();
        assert_eq!((status, &message["to"]), (200, &json!(PHONE)));
    });
}

#[test]
fn messages_are_deleted_and_their_links_stay_valid() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    emulator.sign_up(OTHER);
    let mut events = emulator.events();
    events.next().unwrap();
    let one = emulator.delete("/_emulator/messages?to=+14155550123");
    assert_eq!(one, (200, json!({})));
    assert_eq!(events.next().unwrap()["messages"][0]["to"], json!(OTHER));
    assert!(emulator.server.messages(PHONE).is_empty());
    assert_eq!(emulator.server.messages(OTHER).len(), 1);
    assert_eq!(emulator.delete("/_emulator/messages").0, 200);
    assert!(emulator.server.messages(OTHER).is_empty());
    assert_eq!(emulator.verify(&token).0, 200);
}

#[test]
fn only_the_newest_messages_are_kept() {
    let emulator = TestEmulator::start(Options {
        keep_messages: 2,
        ..Options::default()
    });
    let oldest = emulator.sign_up(PHONE);
    emulator.sign_up(OTHER);
    emulator.sign_up("+14155550177");
    let (_, kept) = emulator.get("/_emulator/messages");
    let kept = kept["messages"].as_array().unwrap().iter();
    let kept: Vec<&Value> = kept.map(|message| &message["to"]).collect();
    assert_eq!(kept, [&json!("+14155550177"), &json!(OTHER)]);
    assert_eq!(emulator.verify(&oldest).0, 200);
}

/// Accepts a connection. Returns the head and the JSON body of its request.
fn receive(listener: &TcpListener, status: &str) -> (String, Value) {
    let (mut stream, _) = listener.accept().unwrap();
    let request = read_request(&mut stream);
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
    request
}

fn read_request(stream: &mut TcpStream) -> (String, Value) {
    let mut received = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).unwrap();
        assert_ne!(count, 0, "the request was cut short");
        received.extend(&bytes[..count]);
        let text = String::from_utf8_lossy(&received);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(body) = serde_json::from_str(body)
        {
            return (head.to_owned(), body);
        }
    }
}

#[test]
fn the_webhook_gets_each_message_in_order() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let emulator = TestEmulator::start(Options {
        on_message: Some(format!("http://{address}/hook?a=b")),
        ..Options::default()
    });
    emulator.sign_up(PHONE);
    emulator.sign_up(OTHER);
    // A refusal does not keep later messages back.
    let (head, first) = receive(&listener, "500 Internal Server Error");
    assert!(head.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Content-Type: application/json"), "{head}");
    let mut expected = json!(emulator.get("/_emulator/messages").1["messages"][1]);
    expected["projectId"] = json!(emulator.server.project_id());
    assert_eq!(first, expected);
    let (_, second) = receive(&listener, "204 No Content");
    assert_eq!(second["to"], json!(OTHER));
}

#[test]
fn the_webhook_must_be_a_server_on_this_machine() {
    for url in [
        "http://example.com/hook",
        "ftp://localhost/",
        "localhost:80",
        "",
    ] {
        let options = Options {
            on_message: Some(url.to_owned()),
            ..Options::default()
        };
        let problem = Emulator::start(options).unwrap_err().to_string();
        assert!(
            problem.starts_with("--on-message must be a URL of this machine"),
            "{problem}"
        );
    }
}
