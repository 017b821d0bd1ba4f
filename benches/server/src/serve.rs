//! Connections, one thread each, and as much of HTTP/1.1 as the peers speak.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::Builder;

use rustls::ServerConfig;

use crate::site::Site;
use crate::wire::{TlsWire, Wire};

/// What a request's head may take.
const HEAD_LIMIT: usize = 64 * 1024;
const STACK: usize = 256 * 1024;

/// Accepts connections from now on.
pub(crate) fn start(
    listener: TcpListener,
    config: Option<Arc<ServerConfig>>,
    site: Arc<Site>,
) -> io::Result<()> {
    Builder::new().spawn(move || {
        for socket in listener.incoming() {
            let accepted = socket.and_then(|socket| {
                let (config, site) = (config.clone(), Arc::clone(&site));
                Builder::new()
                    .stack_size(STACK)
                    .spawn(move || converse(socket, config, &site))
            });
            if let Err(error) = accepted {
                complain(&error);
            }
        }
    })?;
    Ok(())
}

/// Tells what went wrong, if there is still someone to be told.
pub(crate) fn complain(error: &dyn Error) {
    let _ = writeln!(io::stderr(), "descope-ml-bench-server: {error}");
}

fn converse(socket: TcpStream, config: Option<Arc<ServerConfig>>, site: &Site) {
    let ended = socket.set_nodelay(true).and_then(|()| {
        site.count_connection();
        match config {
            Some(config) => converse_over(TlsWire::new(socket, config)?, site),
            None => converse_over(socket, site),
        }
    });
    match ended {
        Err(error) if !hung_up(&error) => complain(&error),
        _ => {}
    }
}

/// A peer that ends needs not say goodbye.
fn hung_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
    )
}

/// Answers requests, in order, until the client is gone.
fn converse_over(mut wire: impl Wire, site: &Site) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    let mut filled = 0;
    let mut continued = false;
    loop {
        if let Some(length) = head_length(&buffer[..filled]) {
            let head = Head::parse(&buffer[..length]).map_err(io::Error::other)?;
            let end = length + head.content_length;
            if filled >= end {
                let answer = site.answer(head.target, head.bearer, &buffer[length..end]);
                wire.send(&answer)?;
                if head.last {
                    return Ok(());
                }
                buffer.copy_within(end..filled, 0);
                filled -= end;
                continued = false;
                continue;
            }
            if head.asks_to_continue && !continued {
                wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                continued = true;
            }
        } else if filled > HEAD_LIMIT {
            return Err(io::Error::other("a request's head is too long"));
        }
        match receive(&mut wire, &mut buffer, filled)? {
            0 => return Ok(()),
            count => filled += count,
        }
    }
}

/// Reads on behind what is there already.
fn receive(wire: &mut impl Wire, buffer: &mut Vec<u8>, filled: usize) -> io::Result<usize> {
    if filled == buffer.len() {
        buffer.resize(2 * filled, 0);
    }
    wire.receive(&mut buffer[filled..])
}

/// The head's length with the empty line that ends it.
fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|at| at == b"\r\n\r\n")
        .map(|at| at + 4)
}

/// What is looked at of a request's head.
struct Head<'a> {
    /// `POST /path`
    target: &'a [u8],
    bearer: Option<&'a [u8]>,
    content_length: usize,
    asks_to_continue: bool,
    /// The client wants no answer after this one.
    last: bool,
}

impl<'a> Head<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Head<'a>, &'static str> {
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii_end);
        let target = lines
            .next()
            .and_then(|line| line.strip_suffix(b" HTTP/1.1"))
            .ok_or("a request is not HTTP/1.1")?;
        let mut head = Head {
            target,
            bearer: None,
            content_length: 0,
            asks_to_continue: false,
            last: false,
        };
        for line in lines.take_while(|line| !line.is_empty()) {
            head.take(line)?;
        }
        Ok(head)
    }

    fn take(&mut self, line: &'a [u8]) -> Result<(), &'static str> {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.ok_or("a header has no colon")?);
        let value = value[1..].trim_ascii();
        // By length first: most headers are none of these.
        match name.len() {
            13 if name.eq_ignore_ascii_case(b"authorization") => {
                self.bearer = value.strip_prefix(b"Bearer ");
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.content_length = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .ok_or("a request's Content-Length is not a number")?;
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                return Err("a request comes in chunks, which this server does not read");
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.last = value.eq_ignore_ascii_case(b"close");
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.asks_to_continue = value.eq_ignore_ascii_case(b"100-continue");
            }
            _ => {}
        }
        Ok(())
    }
}
