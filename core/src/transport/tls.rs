//! TLS over a socket: one record and one write per request, and a probe that reads session tickets.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::connection::Wire;
use super::fault::Fault;
use super::socket::Socket;

/// A TLS session and the socket under it.
pub(super) struct Tls {
    socket: Socket,
    session: ClientConnection,
    /// Records on their way out, gathered so that they leave in one write.
    records: Vec<u8>,
}

impl Tls {
    /// Shakes hands with the server, which must prove to be `host`.
    pub(super) fn handshake(
        mut socket: Socket,
        config: Arc<ClientConfig>,
        host: &str,
    ) -> Result<Tls, Fault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Fault::Name {
            host: host.to_owned(),
        })?;
        let mut session = ClientConnection::new(config, name).map_err(Fault::Tls)?;
        session.complete_io(&mut socket)?;
        socket.carry_request();
        Ok(Tls {
            socket,
            session,
            records: Vec::new(),
        })
    }

    fn send_records(&mut self) -> Result<(), Fault> {
        self.records.clear();
        while self.session.wants_write() {
            self.session.write_tls(&mut self.records)?;
        }
        self.socket.send_all(&self.records)
    }
}

impl Wire for Tls {
    const IS_TLS: bool = true;

    fn send_all(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let taken = self.session.writer().write(bytes)?;
            bytes = bytes.get(taken..).unwrap_or_default();
            self.send_records()?;
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        loop {
            match self.session.reader().read(buffer) {
                Ok(amount) => return Ok(amount),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            // At the end of input the reader above says on the next round whether it was a clean one.
            self.session.read_tls(&mut self.socket)?;
            self.session.process_new_packets().map_err(Fault::Tls)?;
            if self.session.wants_write() {
                self.send_records()?;
            }
        }
    }

    /// What has come in since the last answer may be session tickets, but neither data nor an end.
    fn is_quiet(&mut self) -> bool {
        let mut buffer = [0; 4096];
        loop {
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
    }
}
