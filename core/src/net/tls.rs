//! TLS over a socket: one record and one write per request, and a check for reuse that reads session tickets.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::attempt_context::Step;
use super::poller::Interest;
use super::socket::{Socket, SocketIo};
use super::transport_error::TransportError;
use crate::config::without_brackets;

/// The maximum number of reads for session tickets. A connection with more waiting data is not reused.
const MAX_TICKET_READS: usize = 16;

/// A TLS connection and its socket.
pub(super) struct TlsStream {
    socket: Socket,
    session: ClientConnection,
}

impl TlsStream {
    /// Performs the handshake. The server's certificate must be valid for `host`.
    pub(super) async fn handshake(
        socket: Socket,
        config: Arc<ClientConfig>,
        host: &str,
        step: Step<'_>,
    ) -> Result<Box<TlsStream>, TransportError> {
        let name = ServerName::try_from(without_brackets(host).to_owned()).map_err(|_| {
            TransportError::HostNotFound {
                host: host.to_owned(),
            }
        })?;
        let session = ClientConnection::new(config, name).map_err(TransportError::Tls)?;
        let mut tls = Box::new(TlsStream { socket, session });
        loop {
            tls.send_records(step).await?;
            if !tls.session.is_handshaking() {
                tls.socket.handshake_done();
                return Ok(tls);
            }
            if tls.receive_records(step).await? == 0 {
                return Err(TransportError::Io(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    pub(super) fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// Sends all bytes, each record with one system call if the kernel takes all of it.
    pub(super) async fn send_all(
        &mut self,
        mut bytes: &[u8],
        step: Step<'_>,
    ) -> Result<(), TransportError> {
        while !bytes.is_empty() {
            let taken = self.session.writer().write(bytes)?;
            bytes = bytes.get(taken..).unwrap_or_default();
            self.send_records(step).await?;
        }
        Ok(())
    }

    /// Waits for input. Returns 0 if the server has closed the connection.
    pub(super) async fn receive(
        &mut self,
        buffer: &mut [u8],
        step: Step<'_>,
    ) -> Result<usize, TransportError> {
        loop {
            match self.session.reader().read(buffer) {
                Ok(amount) => return Ok(amount),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            // At the end of the input, the next `read` above reports whether `close_notify` came first.
            self.receive_records(step).await?;
            self.send_records(step).await?;
        }
    }

    /// Waits for input and decrypts it. Returns 0 at the end of the input.
    async fn receive_records(&mut self, step: Step<'_>) -> Result<usize, TransportError> {
        loop {
            let mut socket = SocketIo::new(&mut self.socket, step);
            match self.session.read_tls(&mut socket) {
                Ok(amount) => {
                    let processed = self.session.process_new_packets();
                    if let Err(error) = processed {
                        // An alert tells the server why. The error counts, not whether it is sent.
                        let _ = self
                            .session
                            .write_tls(&mut SocketIo::new(&mut self.socket, step));
                        return Err(TransportError::Tls(error));
                    }
                    return Ok(amount);
                }
                Err(error) => {
                    let interest = Interest::Readable;
                    self.socket.wait_if_blocked(error, interest, step).await?;
                }
            }
        }
    }

    /// Whether nothing but session tickets has arrived since the last response.
    pub(super) fn is_reusable(&mut self) -> bool {
        // Usually nothing is waiting, so no buffer is needed.
        self.no_plaintext_left() && (self.socket.is_reusable() || self.has_only_tickets())
    }

    /// Whether all decrypted data was read and the server has not closed the connection: both may have
    /// arrived with the last response.
    fn no_plaintext_left(&mut self) -> bool {
        let next = self.session.reader().read(&mut [0]);
        next.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    fn has_only_tickets(&mut self) -> bool {
        let mut buffer = [0; 4096];
        for _ in 0..MAX_TICKET_READS {
            let received = match self.socket.receive_waiting(&mut buffer) {
                Ok(Some(amount)) if amount > 0 => buffer.get(..amount).unwrap_or_default(),
                Ok(None) => return true,
                _ => return false,
            };
            let mut rest = received;
            while !rest.is_empty() {
                if self.session.read_tls(&mut rest).is_err() {
                    return false;
                }
                match self.session.process_new_packets() {
                    Ok(state)
                        if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                    _ => return false,
                }
            }
        }
        false
    }

    async fn send_records(&mut self, step: Step<'_>) -> Result<(), TransportError> {
        while self.session.wants_write() {
            let mut socket = SocketIo::new(&mut self.socket, step);
            if let Err(error) = self.session.write_tls(&mut socket) {
                let interest = Interest::Writable;
                self.socket.wait_if_blocked(error, interest, step).await?;
            }
        }
        Ok(())
    }
}
