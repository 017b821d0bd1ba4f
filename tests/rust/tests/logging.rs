//! Log handlers in the Rust face: of the process and of clients.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::{Arc, Mutex};

use descope_ml_core::{
    Client, Config, Queue, SignInRequest, cleanup, default_client, remove_log_handler,
    set_event_handler, set_log_handler,
};
use log::{Level, LevelFilter};

const PHONE: &str = "+14155550123";

type Lines = Arc<Mutex<Vec<String>>>;

fn client() -> Arc<Client> {
    // Nothing listens there.
    let config = Config::new()
        .project_id("P2test")
        .base_url("http://127.0.0.1:1");
    Arc::new(Client::new(config.max_attempts(1)).unwrap())
}

fn collector(lines: &Lines) -> impl Fn(Level, &str) + Send + Sync + 'static {
    let lines = Arc::clone(lines);
    move |level, line| lines.lock().unwrap().push(format!("{level} {line}"))
}

fn sign_in(client: &Client) {
    assert!(client.sign_in_sms(&SignInRequest::new(PHONE)).is_err());
}

fn take(lines: &Lines) -> Vec<String> {
    std::mem::take(&mut *lines.lock().unwrap())
}

/// One test, since the handlers are those of the process.
#[test]
fn lines_go_to_the_handler_of_the_client_else_to_that_of_the_process() {
    let (process, own) = (Lines::default(), Lines::default());
    let (one, other) = (client(), client());
    set_log_handler(LevelFilter::Debug, collector(&process));
    one.set_log_handler(LevelFilter::Warn, collector(&own));
    sign_in(&one);
    let lines = take(&own);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("WARN magiclink/signin/sms: failed after "));
    assert!(take(&process).is_empty());
    sign_in(&other);
    let lines = take(&process);
    assert_eq!(
        lines[0],
        "DEBUG POST 127.0.0.1:1/v1/auth/magiclink/signin/sms: attempt 1 of 1"
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains(PHONE)));

    one.remove_log_handler();
    assert_eq!(Arc::strong_count(&own), 1, "the handler was dropped");
    sign_in(&one);
    assert_eq!(take(&process).len(), 2);

    // What a handler does is not logged, and it cannot drive a queue.
    let (inner, calls) = (Arc::clone(&other), Arc::new(Mutex::new(0)));
    let seen = Arc::clone(&calls);
    one.set_log_handler(LevelFilter::Debug, move |_, _| {
        *seen.lock().unwrap() += 1;
        sign_in(&inner);
        assert!(Queue::new().unwrap().next(None).is_err());
    });
    sign_in(&one);
    assert_eq!(*calls.lock().unwrap(), 2);
    assert!(take(&process).is_empty());

    // `cleanup` drops the handlers of the process and the default client, and no other one.
    let events = Arc::new(());
    let held = Arc::clone(&events);
    set_event_handler(move |_| assert_eq!(Arc::strong_count(&held), 2));
    let config = r#"{"projectId": "P2test", "baseUrl": "http://127.0.0.1:1"}"#;
    default_client::configure(Some(config)).unwrap();
    let default = Arc::downgrade(&default_client::get().unwrap());
    cleanup();
    assert!(default.upgrade().is_none());
    assert_eq!(Arc::strong_count(&events), 1);
    assert_eq!(Arc::strong_count(&process), 1);
    sign_in(&one);
    assert_eq!(*calls.lock().unwrap(), 4);
    default_client::configure(Some(config)).unwrap();
    assert!(default_client::warm_up().is_err());
    remove_log_handler();
}
