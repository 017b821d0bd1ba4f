//! Responses: whatever bytes the server sends, the caller gets a response with the required fields or
//! a complete error.

use descope_ml_core::{Error, Outcome, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::arbitrary_json;
use crate::test_json::{Json, json_object, json_string};
use crate::test_server::TestServer;

const LOGIN_ID: &str = "ann.secret@example.com";

/// Checks the error of a request that was sent once: its document has the status and the outcome, it
/// counts one attempt, and neither its message nor its `Debug` text contains the login ID.
fn assert_complete_error(error: &Error) {
    let document = Json::parse_object(&error.to_json());
    let members = document["error"].clone().into_members();
    assert_eq!(
        members["status"],
        Json::Literal(error.status().code().to_string())
    );
    assert_eq!(
        members["outcome"],
        Json::String(error.outcome().as_str().to_owned())
    );
    assert_eq!(error.attempts(), Some(1), "{error:?}");
    assert!(!error.to_string().contains(LOGIN_ID));
    assert!(!format!("{error:?}").contains(LOGIN_ID));
}

fn sign_in(server: &TestServer) -> Result<String, Error> {
    let request = json_object([("loginId", json_string(LOGIN_ID))]);
    let result = server.client.call("magiclink/signin/sms", &request);
    assert_eq!(
        server.take_bodies().len(),
        1,
        "the request must be sent exactly once"
    );
    result
}

/// Random bytes, usually after the start of a response.
fn arbitrary_response() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        Just(""),
        Just("HTTP/1.1 "),
        Just("HTTP/1.1 200 OK\r\nconnection: close\r\n"),
        Just("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"),
        Just("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\n"),
        Just("HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"),
        Just("HTTP/1.1 400 Bad\r\nconnection: close\r\n\r\n"),
    ];
    (start, vec(any::<u8>(), 0..64)).prop_map(|(start, rest)| [start.as_bytes(), &rest].concat())
}

#[test]
fn arbitrary_response_bytes_cause_an_error_that_never_says_not_sent() {
    let server = TestServer::start();
    let run = TestRunner::new(crate::cases(256)).run(&arbitrary_response(), |bytes| {
        let response = String::from_utf8_lossy(&bytes).into_owned();
        server.set_response(bytes);
        let error = sign_in(&server).unwrap_err();
        prop_assert_ne!(error.status(), Status::Internal, "{}", response);
        assert_complete_error(&error);
        let statuses = [
            Status::Network,
            Status::Protocol,
            Status::Api,
            Status::RateLimited,
        ];
        prop_assert!(
            statuses.contains(&error.status()),
            "{:?} for {}",
            error,
            response
        );
        prop_assert_ne!(error.outcome(), Outcome::NotSent);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn every_status_and_body_gives_a_valid_response_or_the_error_of_that_status() {
    let server = TestServer::start();
    let value = prop_oneof![
        Just(json_string(LOGIN_ID)),
        any::<String>().prop_map(|text| json_string(&format!("{text} {LOGIN_ID}"))),
        arbitrary_json::value(),
    ];
    let keys = [
        "errorCode",
        "errorDescription",
        "errorMessage",
        "message",
        "maskedPhone",
    ];
    let body = prop_oneof![
        vec((prop::sample::select(keys.to_vec()), value), 0..4)
            .prop_map(|members| json_object(members).into_bytes()),
        vec(any::<u8>(), 0..32),
    ];
    let header = ("retry-after|cf-ray|set-cookie|x-[a-z]{1,5}", "[ -~]{0,24}");
    let inputs = (200u16..600, vec(header, 0..3), body);
    let run = TestRunner::new(crate::cases(256)).run(&inputs, |(status, headers, body)| {
        let mut head = format!(
            "HTTP/1.1 {status} Status\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in &headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        server.set_response([head.as_bytes(), b"\r\n", &body].concat());
        match sign_in(&server) {
            Ok(json) => {
                prop_assert!((200..300).contains(&status));
                prop_assert!(matches!(
                    Json::parse_object(&json)["maskedPhone"],
                    Json::String(_)
                ));
            }
            Err(error) => {
                assert_complete_error(&error);
                let expected = match status {
                    200..=299 => Status::Protocol,
                    429 => Status::RateLimited,
                    _ => Status::Api,
                };
                prop_assert_eq!(error.status(), expected, "{:?}", error);
                prop_assert_eq!(error.http_status(), Some(status));
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_response_that_ends_within_a_chunk_size_is_incomplete() {
    let server = TestServer::start();
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    server.set_response(format!("{head}5").into_bytes());
    let error = sign_in(&server).unwrap_err();
    assert_complete_error(&error);
    assert_eq!(error.status(), Status::Protocol);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(
        error
            .to_string()
            .contains("before the response was complete"),
        "{error}"
    );
}
