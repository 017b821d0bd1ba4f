//! An HTTP server on a real socket. It reports the bodies that it receives, and sends the response that
//! a test sets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use descope_ml_core::Client;

/// The server, and a client for it that makes one attempt per call.
pub(crate) struct TestServer {
    pub(crate) client: Client,
    bodies: Receiver<String>,
    response: Arc<Mutex<Vec<u8>>>,
}

impl TestServer {
    /// Starts a server that runs until the test program ends.
    pub(crate) fn start() -> TestServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, bodies) = channel();
        let response = Arc::new(Mutex::new(Vec::new()));
        let response_to_send = Arc::clone(&response);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &sender, &response_to_send);
            }
        });
        let config = format!(
            r#"{{"projectId": "P1", "baseUrl": "http://{address}", "proxy": "none", "maxAttempts": 1}}"#
        );
        TestServer {
            client: Client::from_json(Some(&config)).unwrap(),
            bodies,
            response,
        }
    }

    /// From now on, responds to every request with these bytes and then closes the connection.
    pub(crate) fn set_response(&self, bytes: Vec<u8>) {
        *self.response.lock().unwrap() = bytes;
    }

    /// From now on, responds to every request as to a sign-in by SMS that succeeded.
    pub(crate) fn set_success_response(&self) {
        let json = r#"{"maskedPhone": "+1*******23"}"#;
        let length = json.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        self.set_response([head.as_bytes(), json.as_bytes()].concat());
    }

    /// Takes the bodies of the requests that have arrived since the previous call of this method.
    pub(crate) fn take_bodies(&self) -> Vec<String> {
        self.bodies.try_iter().collect()
    }
}

/// Reads one request, reports its body and sends the response.
fn serve(mut stream: TcpStream, bodies: &Sender<String>, response: &Mutex<Vec<u8>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    bodies.send(String::from_utf8(body).unwrap()).unwrap();
    let response = response.lock().unwrap().clone();
    // The client closes the connection early if the start of the response is enough for it.
    if stream.write_all(&response).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        let rest = reader.read_to_end(&mut Vec::new());
        assert!(
            rest.is_err() || rest.is_ok_and(|length| length == 0),
            "the client sent data after its request"
        );
    }
}
