//! Calls that share a refresh end on their own: each has its deadline, and may be cancelled.

use std::thread;
use std::time::Duration;

use super::refresh_calls::{
    assert_same_session, completions, next_completion, refresh, request, run_until_sent, submit,
    wait_for_calls,
};
use super::refresh_server::RefreshServer;
use crate::client::Queue;
use crate::status::{Outcome, Status};

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
    // A request of its own.
    let result = refresh(&client, "");
    assert_eq!(server.refreshes(), 2);
    let attempts = result.err().and_then(|error| error.attempts());
    assert!(matches!(attempts, None | Some(1)));
}
