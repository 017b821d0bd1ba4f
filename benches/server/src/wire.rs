//! A connection, plain or with TLS: one read and one write of the socket per message where that is possible.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};

/// What bytes come from and go to.
pub(crate) trait Wire {
    /// Waits for bytes; 0 of them is the end.
    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize>;
    /// Sends all of them.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Wire for TcpStream {
    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.read(into)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
}

/// TLS over a socket.
pub(crate) struct TlsWire {
    socket: TcpStream,
    session: ServerConnection,
}

impl TlsWire {
    pub(crate) fn new(socket: TcpStream, config: Arc<ServerConfig>) -> io::Result<TlsWire> {
        let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
        // An answer of any size is one `send`.
        session.set_buffer_limit(None);
        Ok(TlsWire { socket, session })
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.socket)?;
        }
        Ok(())
    }
}

impl Wire for TlsWire {
    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
            if self.session.read_tls(&mut self.socket)? == 0 {
                return Ok(0);
            }
            let state = self.session.process_new_packets();
            // What the handshake answers, and on failure what the client is told.
            self.flush()?;
            state.map_err(io::Error::other)?;
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.session.writer().write_all(bytes)?;
        self.flush()
    }
}
