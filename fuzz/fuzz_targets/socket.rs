//! The bytes of a response, over a real socket. Whatever a server sends before it closes the connection, the
//! call ends with a result, or with an error that says that the request was sent once.
//!
//! Input: the first byte chooses the operation. The rest is what the server sends.
#![no_main]

mod support {
    pub mod error;
    pub mod json;
    pub mod keys;
}

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use descope_ml_core::{Client, Outcome, Status};
use libfuzzer_sys::{Corpus, fuzz_target};
use support::{error, json, keys};

/// Operations with different kinds of responses.
const CALLS: [(&str, &str); 4] = [
    ("magiclink/signin/sms", r#"{"loginId":"+14155550123"}"#),
    ("magiclink/verify", r#"{"token":"+14155550123"}"#),
    ("session/history", r#"{"refreshToken":"+14155550123"}"#),
    ("session/logout", r#"{"refreshToken":"+14155550123"}"#),
];

struct Fixture {
    client: Client,
    /// Gives the server the bytes that it sends.
    responses: Sender<Vec<u8>>,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port must be free");
    let address = listener.local_addr().expect("a listener has an address");
    let (responses, next) = channel::<Vec<u8>>();
    thread::spawn(move || {
        for response in next {
            let (stream, _) = listener.accept().expect("the client must connect");
            serve(stream, &response);
        }
    });
    let config = keys::config(&keys::key_set()).replace("127.0.0.1:1", &address.to_string());
    // A long timeout, so that no call times out on a busy machine.
    let config = config.replace(r#""timeoutMs":2000"#, r#""timeoutMs":20000"#);
    // An idle connection would mix the responses of two inputs.
    let config = config.replacen('{', r#"{"maxIdleConnections":0,"#, 1);
    Fixture {
        client: Client::from_json(Some(&config)).expect("the configuration must be valid"),
        responses,
    }
});

/// Reads a request, sends the response and closes the connection.
fn serve(mut stream: TcpStream, response: &[u8]) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_complete(&request) {
        match stream.read(&mut buffer).expect("the request must arrive") {
            0 => return,
            amount => request.extend_from_slice(&buffer[..amount]),
        }
    }
    // The client may have closed the connection already.
    if stream.write_all(response).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        while stream.read(&mut buffer).is_ok_and(|amount| amount > 0) {}
    }
}

/// Whether a request has arrived completely.
fn is_complete(request: &[u8]) -> bool {
    let request = String::from_utf8_lossy(request);
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).map(|rest| {
        let digits = rest.split("\r\n").next().expect("a line has a beginning");
        digits.parse::<usize>().expect("a length must be a number")
    });
    body.len() >= length.unwrap_or(0)
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((choice, response)) = data.split_first() else {
        return Corpus::Reject;
    };
    let fixture = &*FIXTURE;
    let (operation, request) = CALLS[usize::from(*choice) % CALLS.len()];
    fixture
        .responses
        .send(response.to_vec())
        .expect("the server must run");
    match fixture.client.call(operation, request) {
        Ok(result) => assert!(json::is_object(&result), "a result must be a JSON object"),
        Err(error) => {
            error::check(&error);
            error::check_no_secret(&error, "+14155550123");
            assert_eq!(error.attempts(), Some(1));
            assert_ne!(error.outcome(), Outcome::NotSent);
            let statuses = [
                Status::Network,
                Status::Protocol,
                Status::Api,
                Status::RateLimited,
                Status::Token,
            ];
            assert!(statuses.contains(&error.status()), "{error:?}");
        }
    }
    Corpus::Keep
});
