//! HTTP over TLS: one record and one write per request, and a probe that reads session tickets.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::Gathered;
use super::call;
use super::fault::Fault;
use super::socket::Socket;

/// A connection with TLS. ureq's own timeouts are unused: the socket keeps to the call's.
pub(super) struct Tls {
    socket: Socket,
    session: ClientConnection,
    buffers: Gathered,
    /// Records on their way out, gathered so that they leave in one write.
    records: Vec<u8>,
    /// Whether the connection has been given back after an answer and not been used since.
    idle: bool,
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
            buffers: Gathered::default(),
            records: Vec::new(),
            idle: false,
        })
    }

    fn flush(&mut self) -> Result<(), Fault> {
        let mut rest = self.buffers.pending();
        while !rest.is_empty() {
            let taken = self.session.writer().write(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
            Self::send_records(&mut self.session, &mut self.records, &mut self.socket)?;
        }
        self.buffers.written();
        Ok(())
    }

    fn send_records(
        session: &mut ClientConnection,
        records: &mut Vec<u8>,
        socket: &mut Socket,
    ) -> Result<(), Fault> {
        records.clear();
        while session.wants_write() {
            session.write_tls(records)?;
        }
        socket.send_all(records)
    }

    /// Reads plain text; zero is the end.
    fn receive(&mut self) -> Result<usize, Fault> {
        loop {
            match self.session.reader().read(self.buffers.input_append_buf()) {
                Ok(amount) => return Ok(amount),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            // At the end of input the reader above says on the next round whether it was a clean one.
            self.session.read_tls(&mut self.socket)?;
            self.session.process_new_packets().map_err(Fault::Tls)?;
            if self.session.wants_write() {
                Self::send_records(&mut self.session, &mut self.records, &mut self.socket)?;
            }
        }
    }

    /// Whether an idle connection can be used: what has come in since may be session tickets, but
    /// neither data nor an end.
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

impl Transport for Tls {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.idle = false;
        self.buffers.add_output(amount);
        if self.buffers.is_full() {
            self.flush()?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.flush()?;
        let amount = self.receive()?;
        self.buffers.input_appended(amount);
        if amount > 0 {
            call::mark_answered();
        }
        Ok(amount > 0)
    }

    /// Probes the connection before it is used again; on its way back to the pool, when ureq asks as
    /// well, there is nothing to learn yet.
    fn is_open(&mut self) -> bool {
        if std::mem::replace(&mut self.idle, true) {
            return self.is_quiet();
        }
        self.buffers.shrink();
        true
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
