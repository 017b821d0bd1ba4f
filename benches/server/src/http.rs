//! A connection, with the part of HTTP/1.1 that the peers use.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::ServerConfig;

use crate::responses::Responses;
use crate::transport::{TlsTransport, Transport};

/// The maximum size of a request head.
const MAX_HEAD: usize = 64 * 1024;

/// A connection, and the bytes of its requests that have arrived.
pub(crate) struct Connection {
    transport: Box<dyn Transport + Send>,
    buffer: Vec<u8>,
    filled: usize,
    continued: bool,
}

/// A response that has not been sent yet.
pub(crate) struct Reply {
    bytes: Arc<Vec<u8>>,
    /// The client asks to close the connection after the response.
    close: bool,
}

impl Connection {
    /// A connection, with TLS if there is a configuration.
    pub(crate) fn new(
        socket: TcpStream,
        config: Option<Arc<ServerConfig>>,
    ) -> io::Result<Connection> {
        socket.set_nodelay(true)?;
        Ok(Connection {
            transport: match config {
                Some(config) => Box::new(TlsTransport::new(socket, config)?),
                None => Box::new(socket),
            },
            buffer: vec![0; 16 * 1024],
            filled: 0,
            continued: false,
        })
    }

    /// Takes the next request and returns its response; `None` if the request is not complete.
    pub(crate) fn next_reply(&mut self, responses: &Responses) -> io::Result<Option<Reply>> {
        let Some(length) = head_length(&self.buffer[..self.filled]) else {
            return if self.filled > MAX_HEAD {
                Err(io::Error::other("the request head is too long"))
            } else {
                Ok(None)
            };
        };
        let head = Head::parse(&self.buffer[..length]).map_err(io::Error::other)?;
        let end = length + head.content_length;
        if self.filled < end {
            if head.expects_continue && !self.continued {
                self.transport.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                self.continued = true;
            }
            return Ok(None);
        }
        let reply = Reply {
            bytes: responses.respond(head.target, head.bearer, &self.buffer[length..end]),
            close: head.close,
        };
        self.buffer.copy_within(end..self.filled, 0);
        self.filled -= end;
        self.continued = false;
        Ok(Some(reply))
    }

    /// Sends a response. Returns false if the connection has to be closed afterwards.
    pub(crate) fn send(&mut self, reply: &Reply) -> io::Result<bool> {
        self.transport.send(&reply.bytes)?;
        Ok(!reply.close)
    }

    /// Receives more bytes. Returns false at the end of the stream.
    pub(crate) fn receive(&mut self) -> io::Result<bool> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        let count = self.transport.receive(&mut self.buffer[self.filled..])?;
        self.filled += count;
        Ok(count > 0)
    }
}

/// Whether the peer has closed its connection, which it may do at any time.
pub(crate) fn is_disconnect(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
    )
}

/// The length of the request head, including the empty line at its end.
fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|at| at == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// The parts of a request head that matter here.
struct Head<'a> {
    /// `POST /path`
    target: &'a [u8],
    bearer: Option<&'a [u8]>,
    content_length: usize,
    expects_continue: bool,
    /// The client asks to close the connection after the response.
    close: bool,
}

impl<'a> Head<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Head<'a>, &'static str> {
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii_end);
        let target = lines
            .next()
            .and_then(|line| line.strip_suffix(b" HTTP/1.1"))
            .ok_or("the request is not HTTP/1.1")?;
        let mut head = Head {
            target,
            bearer: None,
            content_length: 0,
            expects_continue: false,
            close: false,
        };
        for line in lines.take_while(|line| !line.is_empty()) {
            head.parse_header(line)?;
        }
        Ok(head)
    }

    fn parse_header(&mut self, line: &'a [u8]) -> Result<(), &'static str> {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.ok_or("a request header has no colon")?);
        let value = value[1..].trim_ascii();
        // The length is compared first, because most headers are none of these.
        match name.len() {
            13 if name.eq_ignore_ascii_case(b"authorization") => {
                self.bearer = value.strip_prefix(b"Bearer ");
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.content_length = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .ok_or("the Content-Length of the request is not a number")?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                return Err("the request is chunked, which this server does not support");
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.close = value.eq_ignore_ascii_case(b"close");
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.expects_continue = value.eq_ignore_ascii_case(b"100-continue");
            }
            _ => {}
        }
        Ok(())
    }
}
