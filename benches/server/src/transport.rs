//! A connection with or without TLS. If possible, a message takes one socket read or write.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};

/// Receives and sends bytes.
pub(crate) trait Transport {
    /// Waits for bytes and returns their number; 0 at the end of the stream.
    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize>;
    /// Sends all bytes.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Transport for TcpStream {
    fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.read(into)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
}

/// TLS over a socket.
pub(crate) struct TlsTransport {
    socket: TcpStream,
    session: ServerConnection,
}

impl TlsTransport {
    pub(crate) fn new(socket: TcpStream, config: Arc<ServerConfig>) -> io::Result<TlsTransport> {
        let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
        // Without a limit, a response of any size takes one `send`.
        session.set_buffer_limit(None);
        Ok(TlsTransport { socket, session })
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.socket)?;
        }
        Ok(())
    }
}

impl Transport for TlsTransport {
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
            // Sends handshake messages or, on failure, the alert.
            self.flush()?;
            state.map_err(io::Error::other)?;
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.session.writer().write_all(bytes)?;
        self.flush()
    }
}
