//! Calls with the same refresh token share one request and its result.

use std::net::TcpListener;
use std::thread;

use super::refresh_calls::{
    Response, assert_same_session, completions, refresh, run_until_sent, submit, wait_for_calls,
};
use super::refresh_server::{RefreshServer, client_of};
use crate::client::Queue;
use crate::status::{Outcome, Status};

#[test]
fn ten_threads_share_one_refresh() {
    let server = RefreshServer::start();
    let client = server.client("");
    let results: Vec<Response> = thread::scope(|scope| {
        let call = || scope.spawn(|| refresh(&client, ""));
        let threads: Vec<_> = (0..10).map(|_| call()).collect();
        wait_for_calls(&client, 10);
        server.open();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_same_session(&results);
    assert_eq!(server.refreshes(), 1);
    assert_eq!(client.engine.sharing_calls(), 0);
    // A call that comes later is another one: the token was used.
    let error = refresh(&client, "").unwrap_err();
    assert_eq!((error.http_status(), server.refreshes()), (Some(401), 2));
}

#[test]
fn only_equal_requests_are_shared() {
    let server = RefreshServer::start();
    let client = server.client("");
    let requests = ["", r#", "externalToken": "X""#, r#", "extra": {"a": 1}"#];
    let timeouts = [5000, 6000];
    thread::scope(|scope| {
        for more in requests {
            for timeout in timeouts {
                let more = format!(r#"{more}, "timeoutMs": {timeout}"#);
                let client = &client;
                scope.spawn(move || refresh(client, &more));
            }
        }
        wait_for_calls(&client, 6);
        server.wait_for_refreshes(3);
        server.open();
    });
    assert_eq!(server.refreshes(), 3);
}

#[test]
fn clients_do_not_share() {
    let server = RefreshServer::start();
    server.open();
    let results = [(); 2].map(|()| refresh(&server.client(""), ""));
    assert!(results[0].is_ok() && results[1].is_err());
}

#[test]
fn an_error_of_the_service_is_shared_and_counts_as_one_attempt() {
    let server = RefreshServer::start();
    let client = server.client("");
    let once = server.client("");
    server.open();
    refresh(&once, "").unwrap();
    let queue = Queue::new().unwrap();
    (0..10).for_each(|tag| submit(&queue, &client, "", tag));
    let errors = completions(&queue, 10)
        .into_iter()
        .map(|completion| completion.result.unwrap_err());
    let mut attempts = 0;
    for error in errors {
        assert_eq!(error.error_code(), Some("E061005"));
        assert_eq!(error.outcome(), Outcome::Refused);
        assert_eq!(error.request_id(), Some("R1"));
        attempts += error.attempts().unwrap_or(0);
    }
    assert_eq!((attempts, server.refreshes()), (1, 2));
}

#[test]
fn a_service_that_cannot_be_reached_is_tried_once() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let client = client_of(address.unwrap(), r#", "maxAttempts": 2"#);
    let queue = Queue::new().unwrap();
    (0..10).for_each(|tag| submit(&queue, &client, "", tag));
    let mut attempts = 0;
    for completion in completions(&queue, 10) {
        let error = completion.result.unwrap_err();
        assert_eq!(
            (error.status(), error.outcome()),
            (Status::Network, Outcome::NotSent)
        );
        attempts += error.attempts().unwrap_or(0);
    }
    assert_eq!(attempts, 2);
}

#[test]
fn after_a_lost_connection_the_next_call_tries_again() {
    let server = RefreshServer::start();
    let client = server.client("");
    server.fail(1);
    let queue = Queue::new().unwrap();
    (0..10).for_each(|tag| submit(&queue, &client, "", tag));
    run_until_sent(&queue, &client, &server, 10);
    server.open();
    let (failed, succeeded): (Vec<_>, Vec<_>) = completions(&queue, 10)
        .into_iter()
        .map(|completion| completion.result)
        .partition(Result::is_err);
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].as_ref().unwrap_err().outcome(), Outcome::Unknown);
    assert_same_session(&succeeded);
    assert_eq!(server.refreshes(), 2);
}

#[test]
fn a_response_is_kept_for_the_grace() {
    let server = RefreshServer::start();
    server.open();
    let client = server.client(r#", "refreshGraceMs": 60000"#);
    let results = [(); 3].map(|()| refresh(&client, ""));
    assert_same_session(&results);
    assert_eq!(server.refreshes(), 1);
    refresh(&client, r#", "extra": {"a": 1}"#).unwrap_err();
    // An error is not kept.
    refresh(&client, r#", "extra": {"a": 1}"#).unwrap_err();
    assert_eq!(server.refreshes(), 3);
}

#[test]
fn a_response_is_forgotten_after_the_grace() {
    let server = RefreshServer::start();
    server.open();
    let client = server.client(r#", "refreshGraceMs": 1"#);
    refresh(&client, "").unwrap();
    let error = loop {
        if let Err(error) = refresh(&client, "") {
            break error;
        }
    };
    assert_eq!((error.http_status(), server.refreshes()), (Some(401), 2));
}
