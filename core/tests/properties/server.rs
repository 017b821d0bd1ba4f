//! A server on a real socket that hands over what it is sent, and answers what it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use descope_ml_core::Client;

/// The server, and a client of it that tries once.
pub(crate) struct Server {
    pub(crate) client: Client,
    bodies: Receiver<String>,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// Serves until the test program ends.
    pub(crate) fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, bodies) = channel();
        let answer = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &sender, &told);
            }
        });
        let config = format!(
            r#"{{"projectId": "P1", "baseUrl": "http://{address}", "proxy": "none", "maxAttempts": 1}}"#
        );
        Server {
            client: Client::from_json(Some(&config)).unwrap(),
            bodies,
            answer,
        }
    }

    /// Answers every request with these bytes from now on, and closes the connection after them.
    pub(crate) fn answers(&self, bytes: Vec<u8>) {
        *self.answer.lock().unwrap() = bytes;
    }

    /// Answers every request with a good answer of an operation that sends an SMS.
    pub(crate) fn answers_well(&self) {
        let json = r#"{"maskedPhone": "+1*******23"}"#;
        let length = json.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        self.answers([head.as_bytes(), json.as_bytes()].concat());
    }

    /// The bodies of the requests since the last time that somebody asked.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.try_iter().collect()
    }
}

/// Reads one request, hands its body over and answers.
fn serve(mut stream: TcpStream, bodies: &Sender<String>, answer: &Mutex<Vec<u8>>) {
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
    let answer = answer.lock().unwrap().clone();
    // A client that has read enough may be gone already.
    if stream.write_all(&answer).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        let rest = reader.read_to_end(&mut Vec::new());
        assert!(rest.is_err() || rest.is_ok_and(|length| length == 0));
    }
}
