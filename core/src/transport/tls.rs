//! TLS over a socket: one record and one write per request, and a probe that reads session tickets.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::attempt::Attempt;
use super::fault::Fault;
use super::socket::{Socket, Timed};

/// How many pieces of input may be tickets; a server that sends more is left alone.
const MOST_PIECES: usize = 16;

/// A TLS session and the socket under it.
pub(super) struct Tls {
    socket: Socket,
    session: ClientConnection,
}

impl Tls {
    /// Shakes hands with the server, which must prove to be `host`.
    pub(super) fn handshake(
        mut socket: Socket,
        config: Arc<ClientConfig>,
        host: &str,
        attempt: &Attempt,
    ) -> Result<Tls, Fault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Fault::Name {
            host: host.to_owned(),
        })?;
        let mut session = ClientConnection::new(config, name).map_err(Fault::Tls)?;
        session.complete_io(&mut Timed::new(&mut socket, attempt))?;
        socket.carry_request();
        Ok(Tls { socket, session })
    }

    /// Writes everything, each record in one system call where the kernel takes it.
    pub(super) fn send_all(&mut self, mut bytes: &[u8], attempt: &Attempt) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let taken = self.session.writer().write(bytes)?;
            bytes = bytes.get(taken..).unwrap_or_default();
            self.send_records(attempt)?;
        }
        Ok(())
    }

    /// Waits for input and reads it; zero is the end.
    pub(super) fn receive(&mut self, buffer: &mut [u8], attempt: &Attempt) -> Result<usize, Fault> {
        loop {
            match self.session.reader().read(buffer) {
                Ok(amount) => return Ok(amount),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            // At the end of input the reader above says on the next round whether it was a clean one.
            let mut socket = Timed::new(&mut self.socket, attempt);
            self.session.read_tls(&mut socket)?;
            self.session.process_new_packets().map_err(Fault::Tls)?;
            if self.session.wants_write() {
                self.send_records(attempt)?;
            }
        }
    }

    /// Whether nothing has come in since the last answer but session tickets: neither data nor an end.
    pub(super) fn is_quiet(&mut self) -> bool {
        // Hardly ever is there anything, and so no buffer is made for it.
        self.is_drained() && (self.socket.is_quiet() || self.has_only_tickets())
    }

    /// Whether what has been decrypted has been read, and was no end: both may have come with the last
    /// answer.
    fn is_drained(&mut self) -> bool {
        let next = self.session.reader().read(&mut [0]);
        next.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    fn has_only_tickets(&mut self) -> bool {
        let mut buffer = [0; 4096];
        for _ in 0..MOST_PIECES {
            let received = match self.socket.receive_now(&mut buffer) {
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

    fn send_records(&mut self, attempt: &Attempt) -> Result<(), Fault> {
        let mut socket = Timed::new(&mut self.socket, attempt);
        while self.session.wants_write() {
            self.session.write_tls(&mut socket)?;
        }
        Ok(())
    }
}
