//! The events of calls in the Rust face.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use descope_ml_core::{
    CallEvent, Client, Config, Outcome, Queue, SignInRequest, Status, remove_event_handler,
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

/// One test, since the handler is that of the process.
#[test]
fn each_call_has_one_event_and_a_panic_of_the_handler_does_not_change_it() {
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
    let queue = Queue::new().unwrap();
    let body = format!(r#"{{"loginId": "{PHONE}"}}"#);
    queue
        .submit(&client, "magiclink/signin/sms", body, 5)
        .unwrap();
    drop(queue);
    let [event] = &take()[..] else {
        panic!("not one event");
    };
    assert_eq!((event.tag, event.status), (Some(5), Status::Cancelled));

    remove_event_handler();
    client.sign_in_sms(&request).unwrap_err();
    assert!(take().is_empty());
    assert_eq!(Arc::strong_count(&events), 1);
}
