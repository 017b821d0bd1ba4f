//! Answers: whatever a server sends, a caller gets what the API promises, or an error that can be read.

use descope_ml_core::{Error, Outcome, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::arbitrary_json::{self as arbitrary, Json, object, quoted};
use crate::server::Server;

const LOGIN_ID: &str = "ann.secret@example.com";

/// What every error holds to, of a request that has gone out once.
fn is_told(error: &Error) {
    let document = Json::read(&error.to_json()).members();
    let told = document["error"].clone().members();
    assert_eq!(
        told["status"],
        Json::Other(error.status().code().to_string())
    );
    assert_eq!(
        told["outcome"],
        Json::Text(error.outcome().as_str().to_owned())
    );
    assert_eq!(error.attempts(), Some(1), "{error:?}");
    assert!(!error.to_string().contains(LOGIN_ID));
    assert!(!format!("{error:?}").contains(LOGIN_ID));
}

fn call(server: &Server) -> Result<String, Error> {
    let request = object([("loginId", quoted(LOGIN_ID).as_str())]);
    let answer = server.client.call("magiclink/signin/sms", &request);
    assert_eq!(server.bodies().len(), 1, "the request goes out once");
    answer
}

/// Bytes that begin like an answer, or not.
fn raw_answer() -> impl Strategy<Value = Vec<u8>> {
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
fn arbitrary_bytes_for_an_answer_are_told_as_an_error_of_a_request_that_went_out() {
    let server = Server::start();
    let run = TestRunner::new(crate::cases(256)).run(&raw_answer(), |bytes| {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        server.answers(bytes);
        let error = call(&server).unwrap_err();
        prop_assert_ne!(error.status(), Status::Internal, "{}", shown);
        is_told(&error);
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
            shown
        );
        prop_assert_ne!(error.outcome(), Outcome::NotSent);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn every_status_and_body_is_an_answer_or_the_error_of_that_status() {
    let server = Server::start();
    let words = prop_oneof![
        Just(quoted(LOGIN_ID)),
        any::<String>().prop_map(|text| quoted(&format!("{text} {LOGIN_ID}"))),
        arbitrary::value(),
    ];
    let keys = [
        "errorCode",
        "errorDescription",
        "errorMessage",
        "message",
        "maskedPhone",
    ];
    let body = prop_oneof![
        vec((prop::sample::select(keys.to_vec()), words), 0..4).prop_map(|members| {
            object(members.iter().map(|(key, value)| (*key, value.as_str()))).into_bytes()
        }),
        vec(any::<u8>(), 0..32),
    ];
    let header = ("retry-after|cf-ray|set-cookie|x-[a-z]{1,5}", "[ -~]{0,24}");
    let inputs = (200u16..600, vec(header, 0..3), body);
    let run = TestRunner::new(crate::cases(256)).run(&inputs, |(status, headers, body)| {
        let mut answer = format!(
            "HTTP/1.1 {status} Status\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in &headers {
            answer.push_str(&format!("{name}: {value}\r\n"));
        }
        server.answers([answer.as_bytes(), b"\r\n", &body].concat());
        match call(&server) {
            Ok(json) => {
                prop_assert!((200..300).contains(&status));
                prop_assert!(matches!(
                    Json::read(&json).members()["maskedPhone"],
                    Json::Text(_)
                ));
            }
            Err(error) => {
                is_told(&error);
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
    let server = Server::start();
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    server.answers(format!("{head}5").into_bytes());
    let error = call(&server).unwrap_err();
    is_told(&error);
    assert_eq!(error.status(), Status::Protocol);
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(
        error
            .to_string()
            .contains("before the response was complete"),
        "{error}"
    );
}
