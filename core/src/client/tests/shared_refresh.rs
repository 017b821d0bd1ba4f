//! Calls with the same refresh token share one request, however they are made, cancelled and timed.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::refresh_server::{RefreshServer, client_of, token};
use crate::client::{Client, Completion, Next, Queue};
use crate::error::Error;
use crate::status::{Outcome, Status};

type Response = Result<String, Error>;

/// A request to refresh, with these further keys: `, "key": value`.
fn request(more: &str) -> String {
    format!(r#"{{"refreshToken": "{}"{more}}}"#, token("DSR", 0))
}

fn refresh(client: &Client, more: &str) -> Response {
    client.call("session/refresh", &request(more))
}

/// Waits until so many calls of a client share requests.
fn wait_for_calls(client: &Client, count: usize) {
    while client.engine.sharing_calls() < count {
        thread::yield_now();
    }
}

fn submit(queue: &Queue, client: &Arc<Client>, more: &str, tag: u64) {
    let request = request(more);
    queue
        .submit(client, "session/refresh", request, tag)
        .unwrap();
}

/// Runs a queue until so many of its calls share a request that has arrived.
fn run_until_sent(queue: &Queue, client: &Client, server: &RefreshServer, calls: usize) {
    while client.engine.sharing_calls() < calls || server.refreshes() == 0 {
        let next = queue.next(Some(Duration::from_millis(1))).unwrap();
        assert!(matches!(next, Next::Pending), "{next:?}");
    }
}

fn next_completion(queue: &Queue) -> Completion {
    loop {
        match queue.next(None).unwrap() {
            Next::Finished(completion) => return completion,
            Next::Pending => {}
            Next::Idle => panic!("a call is missing"),
        }
    }
}

fn completions(queue: &Queue, count: usize) -> Vec<Completion> {
    (0..count).map(|_| next_completion(queue)).collect()
}

/// Fails unless all have succeeded with the same session.
fn assert_same_session<'a>(results: impl IntoIterator<Item = &'a Response>) {
    let mut results = results.into_iter().map(|result| result.as_ref().unwrap());
    let first = results.next().unwrap();
    assert!(first.contains(r#""refreshClaims""#) && first.contains(r#""session""#));
    assert!(results.all(|other| other == first));
}

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
fn calls_of_a_queue_share_and_a_cancelled_one_leaves_its_request_to_the_others() {
    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    (0..10).for_each(|tag| submit(&queue, &client, "", tag));
    run_until_sent(&queue, &client, &server, 10);
    // The sender, then one that waits, then the one that has taken over.
    for tag in [0, 5, 1] {
        queue.cancel(tag).unwrap();
        let cancelled = next_completion(&queue);
        let error = cancelled.result.unwrap_err();
        assert_eq!((cancelled.tag, error.status()), (tag, Status::Cancelled));
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
    server.open();
    let rest = completions(&queue, 7);
    assert_same_session(rest.iter().map(|completion| &completion.result));
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn a_call_that_is_cancelled_before_its_request_is_sent_leaves_it_to_the_others() {
    let server = RefreshServer::start();
    let client = server.client(r#", "maxConnections": 1"#);
    let queue = Queue::new().unwrap();
    let sign_in = r#"{"loginId": "+14155550123"}"#.to_owned();
    queue
        .submit(&client, "magiclink/signin/sms", sign_in, 99)
        .unwrap();
    while server.others() == 0 {
        queue.next(Some(Duration::from_millis(1))).unwrap();
    }
    (0..10).for_each(|tag| submit(&queue, &client, "", tag));
    while client.engine.sharing_calls() < 10 {
        queue.next(Some(Duration::from_millis(1))).unwrap();
    }
    for tag in [0, 5] {
        queue.cancel(tag).unwrap();
        let error = next_completion(&queue).result.unwrap_err();
        assert_eq!(
            (error.status(), error.outcome()),
            (Status::Cancelled, Outcome::NotSent)
        );
    }
    server.open();
    let mut rest = completions(&queue, 9);
    rest.retain(|completion| completion.tag != 99);
    assert_same_session(rest.iter().map(|completion| &completion.result));
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn each_call_of_a_queue_has_its_own_deadline() {
    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, r#", "timeoutMs": 1500"#, 0);
    submit(&queue, &client, r#", "timeoutMs": 1600"#, 1);
    (2..10).for_each(|tag| submit(&queue, &client, "", tag));
    for tag in [0, 1] {
        let completion = next_completion(&queue);
        let error = completion.result.unwrap_err();
        assert_eq!((completion.tag, error.status()), (tag, Status::Timeout));
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
    server.open();
    let rest = completions(&queue, 8);
    assert_same_session(rest.iter().map(|completion| &completion.result));
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn each_thread_has_its_own_deadline() {
    let server = RefreshServer::start();
    let client = server.client("");
    thread::scope(|scope| {
        let sender = scope.spawn(|| refresh(&client, r#", "timeoutMs": 1500"#));
        server.wait_for_refreshes(1);
        let short = scope.spawn(|| refresh(&client, r#", "timeoutMs": 1500"#));
        let others: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| refresh(&client, "")))
            .collect();
        for late in [sender, short] {
            let error = late.join().unwrap().unwrap_err();
            assert_eq!(
                (error.status(), error.outcome()),
                (Status::Timeout, Outcome::Unknown)
            );
        }
        wait_for_calls(&client, 8);
        server.open();
        let others: Vec<_> = others.into_iter().map(|one| one.join().unwrap()).collect();
        assert_same_session(&others);
    });
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn an_interrupted_call_leaves_its_request_to_the_others() {
    let server = RefreshServer::start();
    let client = server.client("");
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let is_interrupted = || client.engine.sharing_calls() == 2;
            client.call_interruptible("session/refresh", &request(""), &is_interrupted)
        });
        server.wait_for_refreshes(1);
        let other = scope.spawn(|| refresh(&client, ""));
        let error = sender.join().unwrap().unwrap_err();
        assert_eq!(
            (error.status(), error.outcome()),
            (Status::Cancelled, Outcome::Unknown)
        );
        server.open();
        assert_same_session([&other.join().unwrap()]);
    });
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn a_thread_takes_over_the_request_of_a_queue_that_ends_and_a_queue_that_of_a_thread() {
    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, "", 0);
    run_until_sent(&queue, &client, &server, 1);
    thread::scope(|scope| {
        let thread = scope.spawn(|| refresh(&client, r#", "timeoutMs": 60000"#));
        wait_for_calls(&client, 2);
        let last = Queue::new().unwrap();
        submit(&last, &client, r#", "timeoutMs": 90000"#, 0);
        run_until_sent(&last, &client, &server, 3);
        drop(queue);
        server.open();
        assert_same_session([&next_completion(&last).result, &thread.join().unwrap()]);
    });
    assert_eq!(server.refreshes(), 1);

    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    thread::scope(|scope| {
        let thread = scope.spawn(|| refresh(&client, r#", "timeoutMs": 1500"#));
        server.wait_for_refreshes(1);
        submit(&queue, &client, "", 0);
        run_until_sent(&queue, &client, &server, 2);
        thread.join().unwrap().unwrap_err();
        server.open();
        assert_same_session([&next_completion(&queue).result]);
    });
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn a_blocking_call_does_not_wait_for_a_queue_of_its_own_thread() {
    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, "", 0);
    run_until_sent(&queue, &client, &server, 1);
    server.open();
    // The service has used the token for the queue, or uses it for this call: it decides, nobody waits.
    let blocking = refresh(&client, "");
    let queued = next_completion(&queue).result;
    assert!(blocking.is_ok() != queued.is_ok());
    assert_eq!(server.refreshes(), 2);
}

#[test]
fn a_queue_that_nobody_runs_does_not_cost_another_call_its_deadline() {
    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, "", 0);
    run_until_sent(&queue, &client, &server, 1);
    server.open();
    let other_queue = Queue::new().unwrap();
    submit(&other_queue, &client, r#", "timeoutMs": 1000"#, 0);
    let other = next_completion(&other_queue).result.unwrap_err();
    let from_thread = thread::scope(|scope| {
        let call = scope.spawn(|| refresh(&client, r#", "timeoutMs": 1000"#));
        call.join().unwrap().unwrap_err()
    });
    // Each has sent a request of its own, as it would have without the queue.
    assert_eq!(
        [other, from_thread].map(|error| error.http_status()),
        [Some(401); 2]
    );
    next_completion(&queue).result.unwrap();
}

#[test]
fn without_other_calls_a_cancelled_call_closes_its_connection() {
    let server = RefreshServer::start();
    let client = server.client("");
    let queue = Queue::new().unwrap();
    submit(&queue, &client, "", 0);
    run_until_sent(&queue, &client, &server, 1);
    queue.cancel(0).unwrap();
    next_completion(&queue).result.unwrap_err();
    assert_eq!(client.engine.sharing_calls(), 0);
    server.open();
    // A request of its own, on a connection of its own.
    let error = refresh(&client, "").unwrap_err();
    assert_eq!(
        (error.http_status(), error.attempts()),
        (Some(401), Some(1))
    );
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
