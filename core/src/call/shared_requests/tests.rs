//! Which requests are equal, which answers are kept, and how long calls wait.

use std::borrow::Cow;

use ureq::http::Uri;

use super::*;
use crate::http::Method;

fn digest(requests: &SharedRequests, head: &str, body: &str) -> RequestDigest {
    let url = Uri::from_static("http://127.0.0.1/");
    let request = HttpRequest {
        method: Method::Post,
        url: &url,
        head: Cow::Borrowed(head),
        body: Some(body.to_owned()),
    };
    requests.digest(&request).unwrap()
}

#[test]
fn a_digest_stands_for_all_bytes_of_a_request_in_one_process() {
    let requests = SharedRequests::default();
    let one = digest(&requests, "head", "body");
    assert_eq!(digest(&requests, "head", "body"), one);
    assert_ne!(digest(&requests, "headb", "ody"), one);
    assert_ne!(digest(&requests, "head", "body2"), one);
    assert_ne!(digest(&SharedRequests::default(), "head", "body"), one);
}

#[test]
fn the_number_of_answers_that_are_kept_is_limited() {
    let mut table = Table::default();
    let now = Instant::now();
    let digest_of = |number: usize| {
        let mut digest = RequestDigest::default();
        digest[..8].copy_from_slice(&number.to_le_bytes());
        digest
    };
    for number in 0..=MAX_KEPT {
        let flight = Arc::new(Flight::new(digest_of(number)));
        table.flights.insert(flight.digest, Arc::clone(&flight));
        table.keep(&flight, now + Duration::from_secs(1));
    }
    assert_eq!(table.flights.len(), MAX_KEPT);
    assert!(!table.flights.contains_key(&digest_of(0)));
    table.forget_expired(now + Duration::from_secs(1));
    assert!(table.flights.is_empty() && table.kept.is_empty());
}

#[test]
fn nobody_waits_for_a_call_that_may_not_make_progress_longer_than_it_can_afford() {
    let now = Instant::now();
    let [second, minute] = [1, 60].map(Duration::from_secs);
    let this_thread = thread::current().id();
    let other_thread = thread::spawn(|| thread::current().id()).join().unwrap();
    let limit = |waiting, driver, thread| {
        let deadline = now + minute;
        let sender = Sender {
            driver,
            thread,
            deadline,
        };
        sender.wait_limit(waiting, now, now + 10 * second)
    };
    let own_end = Some(now + minute + SENDER_DELAY);
    let half = Some(now + 5 * second);
    let [thread, other] = [this_thread, other_thread].map(Driver::Thread);
    let [queue, other_queue] = [1, 2].map(Driver::Queue);
    assert_eq!(limit(queue, queue, this_thread), own_end);
    assert_eq!(limit(thread, other, other_thread), own_end);
    assert_eq!(limit(queue, other, other_thread), own_end);
    assert_eq!(limit(queue, other_queue, this_thread), half);
    assert_eq!(limit(thread, queue, other_thread), half);
    assert_eq!(limit(thread, queue, this_thread), None);
    assert_eq!(limit(thread, thread, this_thread), None);
    assert_eq!(limit(queue, thread, this_thread), None);
}
