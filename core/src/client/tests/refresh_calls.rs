//! Refreshes in threads and in queues.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::refresh_server::{RefreshServer, token};
use crate::client::{Client, Completion, Next, Queue};
use crate::error::Error;

pub(super) type Response = Result<String, Error>;

/// A request to refresh, with these further keys: `, "key": value`.
pub(super) fn request(more: &str) -> String {
    format!(r#"{{"refreshToken": "{}"{more}}}"#, token("DSR", 0))
}

pub(super) fn refresh(client: &Client, more: &str) -> Response {
    client.call("session/refresh", &request(more))
}

/// Waits until so many calls of a client share requests.
pub(super) fn wait_for_calls(client: &Client, count: usize) {
    while client.engine.sharing_calls() < count {
        thread::yield_now();
    }
}

pub(super) fn submit(queue: &Queue, client: &Arc<Client>, more: &str, tag: u64) {
    let request = request(more);
    queue
        .submit(client, "session/refresh", request, tag)
        .unwrap();
}

/// Runs a queue until so many of its calls share a request that has arrived.
pub(super) fn run_until_sent(queue: &Queue, client: &Client, server: &RefreshServer, calls: usize) {
    while client.engine.sharing_calls() < calls || server.refreshes() == 0 {
        let next = queue.next(Some(Duration::from_millis(1))).unwrap();
        assert!(matches!(next, Next::Pending), "{next:?}");
    }
}

pub(super) fn next_completion(queue: &Queue) -> Completion {
    loop {
        match queue.next(None).unwrap() {
            Next::Finished(completion) => return completion,
            Next::Pending => {}
            Next::Idle => panic!("a call is missing"),
        }
    }
}

pub(super) fn completions(queue: &Queue, count: usize) -> Vec<Completion> {
    (0..count).map(|_| next_completion(queue)).collect()
}

/// Fails unless all have succeeded with the same session.
pub(super) fn assert_same_session<'a>(results: impl IntoIterator<Item = &'a Response>) {
    let mut results = results.into_iter().map(|result| result.as_ref().unwrap());
    let first = results.next().unwrap();
    assert!(first.contains(r#""refreshClaims""#) && first.contains(r#""session""#));
    assert!(results.all(|other| other == first));
}
