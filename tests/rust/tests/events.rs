//! The events of calls in the Rust face.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use descope_ml_core::{
    CallEvent, Client, Config, Error, Outcome, Queue, SignInRequest, Status, remove_event_handler,
    set_event_handler,
};

const PHONE: &str = "+14155550123";

fn client() -> Arc<Client> {
    // Nothing listens there.
    let config = Config::new()
        .project_id("P2test")
        .base_url("http://127.0.0.1:1");
    Arc::new(Client::new(config.max_attempts(2)).unwrap())
}

fn sum_of_phases(event: &CallEvent) -> Duration {
    let phases = &event.phases;
    phases.dns
        + phases.connect
        + phases.tls
        + phases.send
        + phases.wait
        + phases.read
        + phases.retry_wait
        + phases.keys_wait
        + phases.connection_wait
}

/// The handler is that of the process, so only one test at a time sets it.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

type Events = Arc<Mutex<Vec<CallEvent>>>;

fn collect_events() -> Events {
    let events = Events::default();
    let seen = Arc::clone(&events);
    set_event_handler(move |event| seen.lock().unwrap().push(event.clone()));
    events
}

/// The tags of the calls whose events were collected.
fn tags(events: &Events) -> Vec<Option<u64>> {
    let events = events.lock().unwrap();
    events.iter().map(|event| event.tag).collect()
}

/// A queue with a call in progress.
fn queue_with_call(client: &Arc<Client>, tag: u64) -> Queue {
    let queue = Queue::new().unwrap();
    submit(&queue, client, tag).unwrap();
    queue
}

fn submit(queue: &Queue, client: &Arc<Client>, tag: u64) -> Result<(), Error> {
    let body = format!(r#"{{"loginId": "{PHONE}"}}"#);
    queue.submit(client, "magiclink/signin/sms", body, tag)
}

#[test]
fn a_call_is_reported_to_the_handler_that_was_set_when_it_started() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client();
    let first = collect_events();
    let (replaced, removed) = (queue_with_call(&client, 1), queue_with_call(&client, 2));
    let second = collect_events();
    // The library has no reference to the first handler any more.
    assert_eq!(Arc::strong_count(&first), 1);
    drop(replaced);
    let own = queue_with_call(&client, 3);
    remove_event_handler();
    let unmeasured = queue_with_call(&client, 4);
    let third = collect_events();
    drop((removed, own, unmeasured));
    drop(queue_with_call(&client, 5));
    remove_event_handler();
    assert_eq!(tags(&first), []);
    assert_eq!(tags(&second), []);
    assert_eq!(tags(&third), [Some(5)]);
}

#[test]
fn calls_that_a_handler_starts_or_ends_are_not_reported() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let inner = Arc::clone(&seen);
    let queues: Arc<Mutex<Vec<Queue>>> = Arc::default();
    let (to_drop, of_handler) = (Arc::clone(&queues), Arc::clone(&client));
    set_event_handler(move |event| {
        inner.lock().unwrap().push(format!("event {:?}", event.tag));
        let queues = std::mem::take(&mut *to_drop.lock().unwrap());
        let error = queues[0].next(Some(Duration::ZERO)).unwrap_err();
        assert_eq!(error.status(), Status::Argument);
        inner.lock().unwrap().push(error.to_string());
        drop(queues);
        drop(queue_with_call(&of_handler, 9));
        of_handler.warm_up().unwrap_err();
        inner.lock().unwrap().push("returned".to_owned());
    });
    let reported = queue_with_call(&client, 1);
    *queues.lock().unwrap() = (2..5).map(|tag| queue_with_call(&client, tag)).collect();
    drop(reported);
    remove_event_handler();
    let refused = "`next` of a queue was called in a log or event callback: call it after the callback has returned";
    assert_eq!(
        *seen.lock().unwrap(),
        ["event Some(1)", refused, "returned"]
    );
}

#[test]
fn calls_that_fail_before_they_start_are_not_reported() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let client = client();
    let events = collect_events();
    let queue = queue_with_call(&client, 1);
    assert_eq!(
        submit(&queue, &client, 1).unwrap_err().status(),
        Status::Argument
    );
    queue
        .submit(&client, "unknown", "{}".to_owned(), 2)
        .unwrap_err();
    client.call("unknown", "{}").unwrap_err();
    assert_eq!(tags(&events), []);
    // The request of a call that has started is invalid.
    let invalid = queue.submit(&client, "magiclink/verify", "{}".to_owned(), 3);
    invalid.unwrap_err();
    assert_eq!(tags(&events), [Some(3)]);
    drop(queue);
    assert_eq!(tags(&events), [Some(3), Some(1)]);
    remove_event_handler();
}

#[test]
fn each_call_has_one_event_and_a_panic_of_the_handler_does_not_change_it() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let events: Arc<Mutex<Vec<CallEvent>>> = Arc::default();
    let take = || std::mem::take(&mut *events.lock().unwrap());
    let client = client();
    let request = SignInRequest::new(PHONE);
    client.sign_in_sms(&request).unwrap_err();
    assert!(take().is_empty());

    let seen = Arc::clone(&events);
    set_event_handler(move |event| {
        seen.lock().unwrap().push(event.clone());
        panic!("ignored");
    });
    let error = client.sign_in_sms(&request).unwrap_err();
    assert_eq!(error.status(), Status::Network);
    let [event] = &take()[..] else {
        panic!("not one event");
    };
    assert_eq!(event.operation, "magiclink/signin/sms");
    assert_eq!(
        (event.status, event.outcome),
        (Status::Network, Some(Outcome::NotSent))
    );
    assert_eq!((event.attempts, event.requests.len()), (2, 2));
    // No connection could be opened.
    assert_eq!(event.connection_reused, None);
    assert!(event.phases.retry_wait >= Duration::from_millis(100));
    assert!(sum_of_phases(event) <= event.duration);
    assert!(!format!("{event:?} {}", event.to_json()).contains(PHONE));

    // A call that has to be made in another way has not happened yet.
    assert!(client.try_call_local("session/me", "{}").unwrap().is_none());
    assert!(take().is_empty());
    client.call("magiclink/verify", "{}").unwrap_err();
    assert_eq!(take().len(), 1);

    // The end of a queue ends its calls.
    drop(queue_with_call(&client, 5));
    let [event] = &take()[..] else {
        panic!("not one event");
    };
    assert_eq!((event.tag, event.status), (Some(5), Status::Cancelled));

    remove_event_handler();
    client.sign_in_sms(&request).unwrap_err();
    assert!(take().is_empty());
    assert_eq!(Arc::strong_count(&events), 1);
}
