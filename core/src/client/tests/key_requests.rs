//! Requests for public keys, to a service that fails or does not answer.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::KeyPair;

use super::refresh_calls::next_completion;
use super::refresh_server::{key_pair, token};
use crate::client::{Client, Next, Queue};
use crate::error::Reason;

/// What the service does with a request.
#[derive(Clone, Copy)]
enum Answer {
    /// The keys without the one that tokens are signed with.
    OldKeys,
    Keys,
    Unavailable,
    Nothing,
}

/// A service that has only public keys.
struct KeyServer {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl KeyServer {
    /// Starts a service. It runs until the test program ends.
    fn start(answer: fn(usize) -> Answer) -> KeyServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, counter) = (stream.unwrap(), Arc::clone(&counter));
                thread::spawn(move || while serve(&stream, &counter, answer).is_some() {});
            }
        });
        KeyServer { address, requests }
    }

    fn client(&self, keys_interval_ms: u32) -> Arc<Client> {
        let config = format!(
            r#"{{"projectId": "P1", "baseUrl": "http://{}", "proxy": "none", "keysIntervalMs": {keys_interval_ms}}}"#,
            self.address
        );
        Arc::new(Client::from_json(Some(&config)).unwrap())
    }

    /// How many requests have arrived.
    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Receives and answers one request. `None` if the connection is closed.
fn serve(
    mut stream: &TcpStream,
    requests: &AtomicUsize,
    answer: fn(usize) -> Answer,
) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    while !lines.next()?.ok()?.is_empty() {}
    let number = requests.fetch_add(1, Ordering::SeqCst);
    let (status, body) = match answer(number) {
        Answer::OldKeys => ("200 OK", key_set("K0")),
        Answer::Keys => ("200 OK", key_set("K1")),
        Answer::Unavailable => ("503 Unavailable", String::new()),
        Answer::Nothing => return Some(()),
    };
    let length = body.len();
    let response = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(response.as_bytes()).ok()
}

fn key_set(id: &str) -> String {
    let x = URL_SAFE_NO_PAD.encode(key_pair().public_key());
    format!(r#"{{"keys": [{{"kty": "OKP", "crv": "Ed25519", "kid": "{id}", "x": "{x}"}}]}}"#)
}

fn validate(token: &str) -> String {
    format!(r#"{{"sessionToken": "{token}"}}"#)
}

/// A token with an unknown key ID.
fn forged(number: usize) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg": "EdDSA", "kid": "F{number}"}}"#));
    let genuine = token("DS", number);
    let rest = genuine.split_once('.').map(|(_, rest)| rest);
    format!("{header}.{}", rest.unwrap())
}

#[test]
fn each_attempt_of_a_key_fetch_draws_on_the_allowance() {
    let server = KeyServer::start(|number| match number % 3 {
        0 => Answer::Keys,
        _ => Answer::Unavailable,
    });
    let client = server.client(3_600_000);
    for number in 0..20 {
        let result = client.call("session/validate", &validate(&forged(number)));
        assert!(result.is_err(), "accepted a forged token");
    }
    assert_eq!(server.requests(), 5);
    assert!(
        client
            .call("session/validate", &validate(&token("DS", 1)))
            .is_ok()
    );
}

#[test]
fn first_key_fetch_is_repeated() {
    let server = KeyServer::start(|number| match number {
        0 | 1 => Answer::Unavailable,
        _ => Answer::Keys,
    });
    let client = server.client(3_600_000);
    let result = client.call("session/validate", &validate(&token("DS", 1)));
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(server.requests(), 3);
}

#[test]
fn token_of_a_new_key_is_accepted_after_cancelled_key_fetches() {
    let server = KeyServer::start(|number| match number {
        0 => Answer::OldKeys,
        1..=5 => Answer::Nothing,
        _ => Answer::Keys,
    });
    let client = server.client(500);
    let error = client.call("session/validate", &validate(&forged(0)));
    assert_eq!(error.unwrap_err().reason(), Some(Reason::UnknownKey));
    let queue = Queue::new().unwrap();
    let submit = |token: &str, tag| {
        queue
            .submit(&client, "session/validate", validate(token), tag)
            .unwrap();
    };
    for number in 1..=5 {
        let tag = number as u64;
        submit(&forged(number), tag);
        while server.requests() <= number {
            let next = queue.next(Some(Duration::from_millis(1))).unwrap();
            assert!(matches!(next, Next::Pending), "{next:?}");
        }
        queue.cancel(tag).unwrap();
        assert!(next_completion(&queue).result.is_err());
    }
    // The cancelled calls have used up the allowance. This one waits for the next request.
    submit(&token("DS", 1), 6);
    let result = next_completion(&queue).result;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(server.requests(), 7);
}

#[test]
fn forged_tokens_of_many_projects_cause_few_requests_and_do_not_delay_another_project() {
    let interval_ms = 50;
    for uses_queue in [false, true] {
        let server = KeyServer::start(|number| match number {
            0 => Answer::OldKeys,
            _ => Answer::Keys,
        });
        let client = server.client(interval_ms);
        let queue = Queue::new().unwrap();
        let call = |request: String| match uses_queue {
            false => client.call("session/validate", &request),
            true => {
                queue
                    .submit(&client, "session/validate", request, 0)
                    .unwrap();
                next_completion(&queue).result
            }
        };
        let error = call(validate(&forged(0))).unwrap_err();
        assert_eq!(error.reason(), Some(Reason::UnknownKey));
        let start = Instant::now();
        for number in 1.. {
            let project = format!("P{}", 2 + number % 5);
            let token = forged(number);
            let request = format!(r#"{{"sessionToken": "{token}", "projectId": "{project}"}}"#);
            assert_eq!(
                call(request).unwrap_err().reason(),
                Some(Reason::UnknownKey)
            );
            if start.elapsed() > Duration::from_secs(2) {
                break;
            }
        }
        let result = call(validate(&token("DS", 1)));
        assert!(result.is_ok(), "{result:?}");
        let minutes = start.elapsed().as_millis() / (30 * u128::from(interval_ms)) + 1;
        let requests = server.requests();
        assert!(requests as u128 <= 40 * minutes, "{requests} in {minutes}");
        assert!(requests > 20);
    }
}
