//! One kept TCP connection to the emulator, for tests that need to know which connection a request uses.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use descope_ml_emulator::Emulator;

/// An open connection without TLS.
pub(crate) struct RawConnection {
    stream: BufReader<TcpStream>,
    head: String,
}

impl RawConnection {
    /// Connects to an emulator at its base URL.
    pub(crate) fn open(emulator: &Emulator) -> RawConnection {
        let address = emulator.base_url().strip_prefix("http://").unwrap();
        RawConnection::open_address(address)
    }

    pub(crate) fn open_address(address: &str) -> RawConnection {
        let stream = TcpStream::connect(address).unwrap();
        let timeout = Some(Duration::from_secs(30));
        stream.set_read_timeout(timeout).unwrap();
        // A request is written in parts, which would wait for each other.
        stream.set_nodelay(true).unwrap();
        RawConnection {
            stream: BufReader::new(stream),
            head: format!("HTTP/1.1\r\nHost: {address}\r\n"),
        }
    }

    /// Sends a GET request.
    pub(crate) fn send(&mut self, path: &str) {
        write!(self.stream.get_mut(), "GET {path} {}\r\n", self.head).unwrap();
    }

    /// Sends a request with these headers, which replace the usual `Host`, and reads the response. Returns its
    /// head, in lower case, and its body.
    pub(crate) fn send_with_headers(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (String, String) {
        let has_host = headers.iter().any(|(name, _)| *name == "Host");
        let usual_host = self.head.split_once("\r\n").unwrap().1;
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        head.push_str(if has_host { "" } else { usual_host });
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(self.stream.get_mut(), "{head}Content-Length: 0\r\n\r\n").unwrap();
        self.read()
    }

    /// Sends a request, with its body when the server asks for it: it must ask before it answers.
    pub(crate) fn send_when_asked(&mut self, method: &str, path: &str, host: &str, body: &str) {
        let length = body.len();
        write!(
            self.stream.get_mut(),
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        )
        .unwrap();
        let (head, _) = self.read();
        assert!(head.starts_with("http/1.1 100 "), "{head}");
        self.stream.get_mut().write_all(body.as_bytes()).unwrap();
    }

    /// Sends a POST request.
    pub(crate) fn send_post(&mut self, path: &str, bearer: &str, body: &str) {
        write!(
            self.stream.get_mut(),
            "POST {path} {}Authorization: Bearer {bearer}\r\nContent-Length: {}\r\n\r\n{body}",
            self.head,
            body.len()
        )
        .unwrap();
    }

    /// Reads a response. Returns its head, in lower case, and its body.
    pub(crate) fn read(&mut self) -> (String, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.stream.read_line(&mut head).unwrap(), 0, "{head}");
        }
        let head = head.to_ascii_lowercase();
        let length = header(&head, "content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    /// Sends a GET request. Returns the head of the response, in lower case, and its body.
    pub(crate) fn get(&mut self, path: &str) -> (String, String) {
        self.send(path);
        self.read()
    }

    /// Whether the connection is open, and nothing was received that was not read.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.stream.get_ref().set_nonblocking(true).unwrap();
        let peeked = self.stream.get_ref().peek(&mut [0]);
        self.stream.get_ref().set_nonblocking(false).unwrap();
        self.stream.buffer().is_empty()
            && peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Whether the emulator ends the connection without sending anything more.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0))
    }
}

/// A header in the head of a response in lower case.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
