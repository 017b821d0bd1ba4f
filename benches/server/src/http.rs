//! Connections, one thread each, with the part of HTTP/1.1 that the peers use.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::Builder;

use rustls::ServerConfig;

use crate::errors::print_error;
use crate::responses::Responses;
use crate::transport::{TlsTransport, Transport};

/// The maximum size of a request head.
const MAX_HEAD: usize = 64 * 1024;
const STACK_SIZE: usize = 256 * 1024;

/// Starts a thread that accepts connections.
pub(crate) fn serve(
    listener: TcpListener,
    config: Option<Arc<ServerConfig>>,
    responses: Arc<Responses>,
) -> io::Result<()> {
    Builder::new().spawn(move || {
        for socket in listener.incoming() {
            let accepted = socket.and_then(|socket| {
                let (config, responses) = (config.clone(), Arc::clone(&responses));
                Builder::new()
                    .stack_size(STACK_SIZE)
                    .spawn(move || serve_socket(socket, config, &responses))
            });
            if let Err(error) = accepted {
                print_error(&error);
            }
        }
    })?;
    Ok(())
}

fn serve_socket(socket: TcpStream, config: Option<Arc<ServerConfig>>, responses: &Responses) {
    let ended = socket.set_nodelay(true).and_then(|()| {
        responses.count_connection();
        match config {
            Some(config) => serve_requests(TlsTransport::new(socket, config)?, responses),
            None => serve_requests(socket, responses),
        }
    });
    match ended {
        Err(error) if !is_disconnect(&error) => print_error(&error),
        _ => {}
    }
}

/// Whether the peer has closed its connection, which it may do at any time.
fn is_disconnect(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
    )
}

/// Answers requests in order until the client closes the connection.
fn serve_requests(mut transport: impl Transport, responses: &Responses) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    let mut filled = 0;
    let mut continued = false;
    loop {
        if let Some(length) = head_length(&buffer[..filled]) {
            let head = Head::parse(&buffer[..length]).map_err(io::Error::other)?;
            let end = length + head.content_length;
            if filled >= end {
                let response = responses.respond(head.target, head.bearer, &buffer[length..end]);
                transport.send(&response)?;
                if head.close {
                    return Ok(());
                }
                buffer.copy_within(end..filled, 0);
                filled -= end;
                continued = false;
                continue;
            }
            if head.expects_continue && !continued {
                transport.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                continued = true;
            }
        } else if filled > MAX_HEAD {
            return Err(io::Error::other("the request head is too long"));
        }
        match receive(&mut transport, &mut buffer, filled)? {
            0 => return Ok(()),
            count => filled += count,
        }
    }
}

/// Reads more bytes into the buffer, after the first `filled` ones.
fn receive(
    transport: &mut impl Transport,
    buffer: &mut Vec<u8>,
    filled: usize,
) -> io::Result<usize> {
    if filled == buffer.len() {
        buffer.resize(2 * filled, 0);
    }
    transport.receive(&mut buffer[filled..])
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
