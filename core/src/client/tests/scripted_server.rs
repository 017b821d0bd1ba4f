//! A service that answers as the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// In the path of a refresh.
pub(super) const REFRESH: &str = "/v1/auth/refresh";

/// The service.
pub(super) struct ScriptedServer {
    pub(super) address: SocketAddr,
    requests: Arc<Counter>,
}

/// What a request says.
pub(super) struct Received {
    pub(super) path: String,
    pub(super) bearer: String,
}

/// A number that only grows, and that can be waited for.
#[derive(Default)]
pub(super) struct Counter {
    count: Mutex<usize>,
    changed: Condvar,
}

impl ScriptedServer {
    /// Starts a service that calls `answer` with the number of each request, from 0 on, in the thread of its
    /// connection. It runs until the test program ends.
    pub(super) fn start(
        answer: impl Fn(usize, &Received, &TcpStream) + Send + Sync + 'static,
    ) -> ScriptedServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Counter::default());
        let (counter, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, counter, answer) = (stream.unwrap(), counter.clone(), answer.clone());
                thread::spawn(move || {
                    while let Some(received) = receive_request(&stream) {
                        answer(counter.add_one(), &received, &stream);
                    }
                });
            }
        });
        ScriptedServer { address, requests }
    }

    pub(super) fn wait_for_requests(&self, count: usize) {
        self.requests.wait_for(count);
    }

    /// How many requests have arrived.
    pub(super) fn requests(&self) -> usize {
        *self.requests.count.lock().unwrap()
    }
}

impl Counter {
    /// Returns the number before.
    pub(super) fn add_one(&self) -> usize {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        self.changed.notify_all();
        *count - 1
    }

    pub(super) fn wait_for(&self, at_least: usize) {
        let count = self.count.lock().unwrap();
        let wait = self.changed.wait_while(count, |count| *count < at_least);
        drop(wait.unwrap());
    }
}

/// `None` if the connection is closed.
pub(super) fn receive_request(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut bearer, mut path) = (0, String::new(), String::new());
    reader
        .read_line(&mut path)
        .ok()
        .filter(|length| *length > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("authorization", value)) => value.clone_into(&mut bearer),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { path, bearer })
}

/// Sends a response. `head`: its status, and further headers. `None` if the connection is closed.
pub(super) fn respond(mut stream: &TcpStream, head: &str, body: &str) -> Option<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .ok()
}
