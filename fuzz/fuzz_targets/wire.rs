//! The bytes of an answer, from a real socket: whatever a server sends before it closes, a call ends with
//! an answer or with an error of a request that went out once. The first byte chooses the operation.
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

/// What each operation promises is another part of the answer.
const CALLS: [(&str, &str); 4] = [
    ("magiclink/signin/sms", r#"{"loginId":"+14155550123"}"#),
    ("magiclink/verify", r#"{"token":"+14155550123"}"#),
    ("session/history", r#"{"refreshToken":"+14155550123"}"#),
    ("session/logout", r#"{"refreshToken":"+14155550123"}"#),
];

struct Fixed {
    client: Client,
    /// Where the server takes its answers from.
    answers: Sender<Vec<u8>>,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let (answers, next) = channel::<Vec<u8>>();
    thread::spawn(move || {
        for answer in next {
            let (stream, _) = listener.accept().expect("the client connects");
            serve(stream, &answer);
        }
    });
    let config = keys::config(&keys::set()).replace("127.0.0.1:1", &address.to_string());
    // No call may come near its deadline, however busy the machine is.
    let config = config.replace(r#""timeoutMs":2000"#, r#""timeoutMs":20000"#);
    // Kept connections would mix the answers of two inputs.
    let config = config.replacen('{', r#"{"maxIdleConnections":0,"#, 1);
    Fixed {
        client: Client::from_json(Some(&config)).expect("a client can be made"),
        answers,
    }
});

/// Reads a request, answers and closes.
fn serve(mut stream: TcpStream, answer: &[u8]) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut buffer).expect("the request comes") {
            0 => return,
            amount => request.extend_from_slice(&buffer[..amount]),
        }
    }
    // A client that has read enough may be gone already.
    if stream.write_all(answer).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        while stream.read(&mut buffer).is_ok_and(|amount| amount > 0) {}
    }
}

/// Whether a request has come to its end.
fn is_whole(request: &[u8]) -> bool {
    let request = String::from_utf8_lossy(request);
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).map(|rest| {
        let digits = rest.split("\r\n").next().expect("a line has a start");
        digits.parse::<usize>().expect("a length is a number")
    });
    body.len() >= length.unwrap_or(0)
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((choice, answer)) = data.split_first() else {
        return Corpus::Reject;
    };
    let fixed = &*FIXED;
    let (operation, request) = CALLS[usize::from(*choice) % CALLS.len()];
    fixed
        .answers
        .send(answer.to_vec())
        .expect("the server runs");
    match fixed.client.call(operation, request) {
        Ok(answer) => assert!(json::is_object(&answer), "an answer is a JSON object"),
        Err(error) => {
            error::check(&error);
            error::keeps(&error, "+14155550123");
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
