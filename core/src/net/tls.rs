//! TLS over a stream: one record and one write per request, and a check for reuse that reads session
//! tickets.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::attempt_context::Step;
use super::poller::Interest;
use super::socket::Socket;
use super::stream::{Stream, StreamIo};
use super::transport_error::TransportError;
use crate::config::without_brackets;

/// The maximum number of reads for session tickets. A connection with more waiting data is not reused.
const MAX_TICKET_READS: usize = 16;

/// A TLS connection and what carries its records.
pub(super) struct TlsStream {
    /// A socket, or the TLS connection to a proxy.
    lower: Stream,
    session: ClientConnection,
}

impl TlsStream {
    /// Performs the handshake. The server's certificate must be valid for `host`.
    pub(super) async fn handshake(
        lower: Stream,
        config: Arc<ClientConfig>,
        host: &str,
        step: Step<'_>,
    ) -> Result<Stream, TransportError> {
        let name = ServerName::try_from(without_brackets(host).to_owned()).map_err(|_| {
            TransportError::Dns {
                host: host.to_owned(),
            }
        })?;
        let session = ClientConnection::new(config, name).map_err(TransportError::Tls)?;
        let mut tls = Box::new(TlsStream { lower, session });
        loop {
            while let Err(error) = tls.try_flush(step) {
                let interest = Interest::Writable;
                tls.lower.wait_if_blocked(error, interest, step).await?;
            }
            if !tls.session.is_handshaking() {
                return Ok(Stream::Tls(tls));
            }
            match tls.receive_records(step) {
                Ok(0) => return Err(TransportError::Io(io::ErrorKind::UnexpectedEof.into())),
                Ok(_) => {}
                Err(error) => {
                    let interest = Interest::Readable;
                    tls.lower.wait_if_blocked(error, interest, step).await?;
                }
            }
        }
    }

    pub(super) fn socket(&mut self) -> &mut Socket {
        self.lower.socket()
    }

    /// Encrypts bytes, and sends what the kernel takes. [`TlsStream::try_flush`] sends the rest.
    pub(super) fn try_send(&mut self, bytes: &[u8], step: Step<'_>) -> io::Result<usize> {
        self.try_flush(step)?;
        let taken = self.session.writer().write(bytes)?;
        match self.try_flush(step) {
            Err(error) if !is_blocked(&error) => Err(error),
            _ => Ok(taken),
        }
    }

    /// Sends all records, each with one system call if the kernel takes all of it.
    pub(super) fn try_flush(&mut self, step: Step<'_>) -> io::Result<()> {
        while self.session.wants_write() {
            self.session
                .write_tls(&mut StreamIo::new(&mut self.lower, step))?;
        }
        self.lower.try_flush(step)
    }

    /// Returns 0 if the server has closed the connection.
    pub(super) fn try_receive(&mut self, buffer: &mut [u8], step: Step<'_>) -> io::Result<usize> {
        loop {
            match self.session.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            // At the end of the input, the next `read` above reports whether `close_notify` came first.
            self.receive_records(step)?;
            // TLS may have an answer to them, such as new keys. The next request sends what is left of it.
            match self.try_flush(step) {
                Err(error) if !is_blocked(&error) => return Err(error),
                _ => {}
            }
        }
    }

    /// Receives and decrypts records. Returns 0 at the end of the input.
    fn receive_records(&mut self, step: Step<'_>) -> io::Result<usize> {
        let mut lower = StreamIo::new(&mut self.lower, step);
        let amount = self.session.read_tls(&mut lower)?;
        if let Err(error) = self.session.process_new_packets() {
            // An alert tells the server why. The error counts, not whether it is sent.
            let _ = self.try_flush(step);
            return Err(TransportError::Tls(error).into());
        }
        Ok(amount)
    }

    /// Whether nothing but session tickets has arrived since the last response.
    pub(super) fn is_reusable(&mut self) -> bool {
        // Usually nothing is waiting, so no buffer is needed.
        let is_silent = |lower: &Stream| match lower {
            Stream::Plain(socket) => socket.is_reusable(),
            Stream::Tls(_) => false,
        };
        self.no_plaintext_left()
            && (is_silent(&self.lower) || matches!(self.receive_waiting(&mut [0]), Ok(None)))
    }

    /// Whether all decrypted data was read and the server has not closed the connection: both may have
    /// arrived with the last response.
    fn no_plaintext_left(&mut self) -> bool {
        let next = self.session.reader().read(&mut [0]);
        next.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Receives without waiting. `None` if nothing but session tickets has arrived.
    pub(super) fn receive_waiting(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let mut records = [0; 4096];
        for _ in 0..MAX_TICKET_READS {
            match self.session.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result.map(Some),
            }
            let mut rest = match self.lower.receive_waiting(&mut records)? {
                None => return Ok(None),
                Some(amount) => records.get(..amount).unwrap_or_default(),
            };
            // An empty read tells rustls that the input has ended.
            loop {
                self.session.read_tls(&mut rest)?;
                let processed = self.session.process_new_packets();
                processed.map_err(TransportError::Tls)?;
                if rest.is_empty() {
                    break;
                }
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Whether an error only says that the kernel takes no more for now.
fn is_blocked(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
