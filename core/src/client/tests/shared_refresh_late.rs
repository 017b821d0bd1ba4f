//! A shared refresh that is answered late, in part or never: what one call knows or lacks does not decide for the
//! others.

use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use super::refresh_calls::{
    assert_same_session, completions, next_completion, refresh, request, submit, wait_for_calls,
};
use super::refresh_server::{client_of, session};
use super::scripted_server::{Counter, REFRESH, ScriptedServer, respond};
use crate::client::{Client, Queue};
use crate::status::{Outcome, Status};

/// A service that never answers the first request.
fn server_that_hangs_once() -> ScriptedServer {
    ScriptedServer::start(|number, _, stream| {
        if number > 0 {
            respond(stream, "200 OK", &session(number)).unwrap();
        }
    })
}

/// Runs a queue until so many requests have arrived, and so many calls share them.
fn run_until(queue: &Queue, client: &Client, calls: usize, server: &ScriptedServer) {
    while client.engine.sharing_calls() < calls || server.requests() == 0 {
        queue.next(Some(Duration::from_millis(1))).unwrap();
    }
}

#[test]
fn a_request_that_hangs_does_not_hold_later_calls_and_their_response_is_for_all() {
    let server = server_that_hangs_once();
    let client = client_of(server.address, "");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, r#", "timeoutMs": 500"#, 0);
    (1..4).for_each(|tag| submit(&queue, &client, r#", "timeoutMs": 3000"#, tag));
    let first = next_completion(&queue);
    let error = first.result.unwrap_err();
    assert_eq!((first.tag, error.status()), (0, Status::Timeout));
    assert_eq!(error.outcome(), Outcome::Unknown);
    let later = refresh(&client, "");
    let waiting = completions(&queue, 3);
    assert_same_session(waiting.iter().map(|one| &one.result).chain([&later]));
    assert_eq!((server.requests(), client.engine.sharing_calls()), (2, 0));
}

#[test]
fn calls_that_are_cancelled_do_not_pass_on_a_request_that_hangs_for_ever() {
    let server = server_that_hangs_once();
    let client = client_of(server.address, r#", "timeoutMs": 60000"#);
    let queue = Queue::new().unwrap();
    (0..2).for_each(|tag| submit(&queue, &client, "", tag));
    run_until(&queue, &client, 2, &server);
    queue.cancel(0).unwrap();
    next_completion(&queue).result.unwrap_err();
    let mut attempts = 0;
    // Until the request is unanswered for longer than such a call would wait.
    let response = loop {
        match refresh(&client, r#", "timeoutMs": 300"#) {
            Ok(response) => break Ok(response),
            Err(error) => attempts += error.attempts().unwrap_or(0),
        }
    };
    assert_eq!((attempts, server.requests()), (0, 2));
    assert_same_session([&response]);
}

#[test]
fn a_call_that_took_a_request_over_and_times_out_closes_older_connections() {
    let peers = Arc::new(Mutex::new(Vec::new()));
    let for_server = Arc::clone(&peers);
    let server = ScriptedServer::start(move |number, _, stream| {
        for_server.lock().unwrap().push(stream.peer_addr().unwrap());
        if number > 0 {
            respond(stream, "200 OK", r#"{"userId": "U1"}"#).unwrap();
        }
    });
    let client = client_of(server.address, "");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, "", 0);
    run_until(&queue, &client, 1, &server);
    // On another connection, which is idle afterwards.
    let me = || client.call("session/me", &request("")).unwrap();
    me();
    submit(&queue, &client, r#", "timeoutMs": 300"#, 1);
    run_until(&queue, &client, 2, &server);
    queue.cancel(0).unwrap();
    let errors = completions(&queue, 2)
        .into_iter()
        .map(|one| one.result.unwrap_err().status());
    assert_eq!(
        errors.collect::<Vec<_>>(),
        [Status::Cancelled, Status::Timeout]
    );
    me();
    let peers = peers.lock().unwrap();
    assert!(peers.len() == 3 && peers[1] != peers[2], "{peers:?}");
}

#[test]
fn a_response_that_comes_late_is_for_the_calls_of_a_newer_request_as_well() {
    let gate = Arc::new(Counter::default());
    let for_server = Arc::clone(&gate);
    let server = ScriptedServer::start(move |number, _, stream| {
        if number == 0 {
            for_server.wait_for(1);
            respond(stream, "200 OK", &session(number)).unwrap();
        } else {
            // The token was rotated meanwhile.
            for_server.wait_for(2);
            respond(stream, "401 Unauthorized", r#"{"errorCode": "E061005"}"#).unwrap();
        }
    });
    let client = client_of(server.address, "");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, r#", "timeoutMs": 500"#, 0);
    submit(&queue, &client, "", 1);
    next_completion(&queue).result.unwrap_err();
    thread::scope(|scope| {
        let newer = || scope.spawn(|| refresh(&client, ""));
        let sender = newer();
        server.wait_for_requests(2);
        let waiting = newer();
        wait_for_calls(&client, 3);
        gate.add_one();
        let first = next_completion(&queue).result;
        let waiting = waiting.join().unwrap();
        gate.add_one();
        assert_same_session([&first, &waiting, &sender.join().unwrap()]);
    });
    assert_eq!(server.requests(), 2);
}

#[test]
fn an_error_for_lack_of_time_is_not_that_of_a_call_with_more_time() {
    let gate = Arc::new(Counter::default());
    let for_server = Arc::clone(&gate);
    let server = ScriptedServer::start(move |number, _, stream| {
        if number == 0 {
            for_server.wait_for(1);
            respond(stream, "503 Unavailable\r\nretry-after: 10", "").unwrap();
        } else {
            respond(stream, "200 OK", &session(number)).unwrap();
        }
    });
    let client = client_of(server.address, "");
    thread::scope(|scope| {
        let short = scope.spawn(|| refresh(&client, r#", "timeoutMs": 9000"#));
        server.wait_for_requests(1);
        let long = scope.spawn(|| refresh(&client, r#", "timeoutMs": 20000"#));
        wait_for_calls(&client, 2);
        gate.add_one();
        assert_eq!(short.join().unwrap().unwrap_err().http_status(), Some(503));
        assert_same_session([&long.join().unwrap()]);
    });
    assert_eq!(server.requests(), 2);
}

#[test]
fn an_error_after_all_attempts_is_that_of_all_calls() {
    let server = ScriptedServer::start(|_, _, stream| {
        respond(stream, "503 Unavailable", "").unwrap();
    });
    let client = client_of(server.address, r#", "maxAttempts": 2"#);
    let queue = Queue::new().unwrap();
    (0..10).for_each(|tag| submit(&queue, &client, "", tag));
    for completion in completions(&queue, 10) {
        assert_eq!(completion.result.unwrap_err().http_status(), Some(503));
    }
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_call_with_more_time_tries_to_connect_again() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let client = client_of(address.unwrap(), r#", "maxAttempts": 2"#);
    let queue = Queue::new().unwrap();
    // Less than the delay before the second attempt.
    submit(&queue, &client, r#", "timeoutMs": 99"#, 0);
    submit(&queue, &client, "", 1);
    let attempts = completions(&queue, 2)
        .into_iter()
        .map(|completion| completion.result.unwrap_err().attempts());
    assert_eq!(attempts.collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[test]
fn a_request_that_is_taken_over_does_not_wait_for_a_free_connection() {
    let gate = Arc::new(Counter::default());
    let for_server = Arc::clone(&gate);
    let server = ScriptedServer::start(move |number, request, stream| {
        if request.path.contains(REFRESH) {
            for_server.wait_for(1);
            respond(stream, "200 OK", &session(number)).unwrap();
        } else {
            for_server.wait_for(2);
            respond(stream, "200 OK", r#"{"maskedPhone": "+1*******23"}"#).unwrap();
        }
    });
    let client = client_of(server.address, r#", "maxConnections": 1"#);
    let queue = Queue::new().unwrap();
    submit(&queue, &client, "", 0);
    submit(&queue, &client, "", 1);
    run_until(&queue, &client, 2, &server);
    thread::scope(|scope| {
        let request = r#"{"loginId": "+14155550123", "timeoutMs": 60000}"#;
        let other = scope.spawn(|| client.call("magiclink/signin/sms", request));
        queue.cancel(0).unwrap();
        next_completion(&queue).result.unwrap_err();
        // It has the only connection that is allowed.
        server.wait_for_requests(2);
        gate.add_one();
        assert_same_session([&next_completion(&queue).result]);
        gate.add_one();
        other.join().unwrap().unwrap();
    });
}

#[test]
fn a_status_without_its_whole_body_is_reported_and_the_rest_is_left_to_the_others() {
    let gate = Arc::new(Counter::default());
    let for_server = Arc::clone(&gate);
    let server = ScriptedServer::start(move |_, _, mut stream| {
        let body = r#"{"errorCode": "E061005"}"#;
        let (start, end) = body.split_at(10);
        let head = format!("401 Unauthorized\r\ncontent-length: {}", body.len());
        write!(stream, "HTTP/1.1 {head}\r\n\r\n{start}").unwrap();
        for_server.wait_for(1);
        // Without other calls, the connection is closed.
        let _ = write!(stream, "{end}");
    });
    let client = client_of(server.address, "");
    let alone = refresh(&client, r#", "timeoutMs": 500"#).unwrap_err();
    let queue = Queue::new().unwrap();
    submit(&queue, &client, r#", "timeoutMs": 500"#, 0);
    submit(&queue, &client, "", 1);
    let shared = next_completion(&queue).result.unwrap_err();
    for error in [alone, shared] {
        assert_eq!((error.http_status(), error.error_code()), (Some(401), None));
        assert_eq!(error.outcome(), Outcome::Refused);
    }
    gate.add_one();
    let whole = next_completion(&queue).result.unwrap_err();
    assert_eq!(whole.error_code(), Some("E061005"));
    assert_eq!((whole.attempts(), server.requests()), (None, 2));
}

#[test]
fn the_clock_is_compared_with_the_response_to_a_request_that_another_call_has_sent() {
    let gate = Arc::new(Counter::default());
    let for_server = Arc::clone(&gate);
    let server = ScriptedServer::start(move |number, _, stream| {
        for_server.wait_for(1);
        let date = SystemTime::now() - Duration::from_secs(3600);
        let head = format!("200 OK\r\ndate: {}", httpdate::fmt_http_date(date));
        respond(stream, &head, &session(number)).unwrap();
    });
    let client = client_of(server.address, "");
    let queue = Queue::new().unwrap();
    (0..2).for_each(|tag| submit(&queue, &client, "", tag));
    run_until(&queue, &client, 2, &server);
    queue.cancel(0).unwrap();
    next_completion(&queue).result.unwrap_err();
    gate.add_one();
    next_completion(&queue).result.unwrap();
    let difference = client.engine.clock_difference().unwrap();
    assert!((3_000..=3_600).contains(&difference), "{difference}");
}
