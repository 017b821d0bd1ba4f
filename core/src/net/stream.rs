//! A byte stream: a socket, or TLS over another stream. With TLS, a request is one record and one
//! write, and the check for reuse reads session tickets.
//!
//! The layers do not wait. What they cannot do at once, [`Stream`] tries again when the socket is ready.

use std::io::{self, Read, Write};

use rustls::ClientConnection;

use super::attempt_context::Step;
use super::socket::Socket;
use super::transport_error::TransportError;
use crate::os::Interest;

/// The maximum number of reads for session tickets. A connection with more waiting data is not reused.
const MAX_TICKET_READS: usize = 16;

/// A byte stream.
pub(super) enum Stream {
    Plain(Socket),
    /// Through an `https://` proxy, this may be TLS over TLS.
    Tls(Box<TlsStream>),
}

/// A TLS connection and what carries its records.
pub(super) struct TlsStream {
    /// A socket, or the TLS connection to a proxy.
    lower: Stream,
    session: ClientConnection,
}

// A direct connection costs nothing for what proxies need.
const _: () = assert!(size_of::<Stream>() == size_of::<Socket>());

impl Stream {
    /// Sends all bytes, with one system call if the kernel takes all of them.
    pub(super) async fn send_all(
        &mut self,
        mut bytes: &[u8],
        step: Step<'_>,
    ) -> Result<(), TransportError> {
        while !bytes.is_empty() {
            match self.try_send(bytes, step) {
                Ok(amount) => bytes = bytes.get(amount..).unwrap_or_default(),
                Err(error) => {
                    self.socket()
                        .wait_if_blocked(error, Interest::Writable, step)
                        .await?
                }
            }
        }
        self.flush(step).await
    }

    /// Sends what the layers of TLS have taken and the kernel has not.
    async fn flush(&mut self, step: Step<'_>) -> Result<(), TransportError> {
        while let Err(error) = self.try_flush(step) {
            self.socket()
                .wait_if_blocked(error, Interest::Writable, step)
                .await?;
        }
        Ok(())
    }

    /// Waits for input. Returns 0 if the peer has closed the connection.
    pub(super) async fn receive(
        &mut self,
        buffer: &mut [u8],
        step: Step<'_>,
    ) -> Result<usize, TransportError> {
        loop {
            match self.try_receive(buffer, step) {
                Ok(amount) => return Ok(amount),
                Err(error) => {
                    self.socket()
                        .wait_if_blocked(error, Interest::Readable, step)
                        .await?
                }
            }
        }
    }

    fn try_send(&mut self, bytes: &[u8], step: Step<'_>) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.try_send(bytes, step),
            Stream::Tls(tls) => tls.try_send(bytes, step),
        }
    }

    fn try_flush(&mut self, step: Step<'_>) -> io::Result<()> {
        match self {
            Stream::Plain(_) => Ok(()),
            Stream::Tls(tls) => tls.try_flush(step),
        }
    }

    fn try_receive(&mut self, buffer: &mut [u8], step: Step<'_>) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.try_receive(buffer, step),
            Stream::Tls(tls) => tls.try_receive(buffer, step),
        }
    }

    /// Receives without waiting. `None` if nothing has arrived.
    fn receive_waiting(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self {
            Stream::Plain(socket) => socket.receive_waiting(buffer),
            Stream::Tls(tls) => tls.receive_waiting(buffer),
        }
    }

    /// Whether an idle stream can be used again: the peer has neither closed it nor sent anything.
    pub(super) fn is_reusable(&mut self) -> bool {
        match self {
            Stream::Plain(socket) => socket.is_reusable(),
            Stream::Tls(tls) => tls.is_reusable(),
        }
    }

    /// The socket below all layers.
    pub(super) fn socket(&mut self) -> &mut Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(tls) => tls.lower.socket(),
        }
    }
}

impl TlsStream {
    pub(super) fn new(lower: Stream, session: ClientConnection) -> TlsStream {
        TlsStream { lower, session }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.session.is_handshaking()
    }

    /// Waits until the socket is ready if that is what `error` asks for.
    ///
    /// # Errors
    ///
    /// Any other error, or [`TransportError::Timeout`].
    pub(super) async fn wait_if_blocked(
        &mut self,
        error: io::Error,
        interest: Interest,
        step: Step<'_>,
    ) -> Result<(), TransportError> {
        let socket = self.lower.socket();
        socket.wait_if_blocked(error, interest, step).await
    }

    /// Encrypts bytes, and sends what the kernel takes. [`TlsStream::try_flush`] sends the rest.
    fn try_send(&mut self, bytes: &[u8], step: Step<'_>) -> io::Result<usize> {
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
    fn try_receive(&mut self, buffer: &mut [u8], step: Step<'_>) -> io::Result<usize> {
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
    pub(super) fn receive_records(&mut self, step: Step<'_>) -> io::Result<usize> {
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
    fn is_reusable(&mut self) -> bool {
        // Usually nothing is waiting, so no buffer is needed.
        let is_silent = |lower: &mut Stream| match lower {
            Stream::Plain(socket) => socket.is_reusable(),
            Stream::Tls(_) => false,
        };
        self.no_plaintext_left()
            && (is_silent(&mut self.lower)
                || matches!(self.receive_waiting(&mut [0]), Ok(None))
                    && self.lower.socket().is_reusable())
    }

    /// Whether all decrypted data was read and the server has not closed the connection: both may have
    /// arrived with the last response.
    fn no_plaintext_left(&mut self) -> bool {
        let next = self.session.reader().read(&mut [0]);
        next.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Receives without waiting. `None` if nothing but session tickets has arrived.
    fn receive_waiting(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
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

/// A stream as rustls reads and writes it. Its errors are those of [`Socket::wait_if_blocked`].
pub(super) struct StreamIo<'a> {
    stream: &'a mut Stream,
    step: Step<'a>,
}

impl<'a> StreamIo<'a> {
    pub(super) fn new(stream: &'a mut Stream, step: Step<'a>) -> StreamIo<'a> {
        StreamIo { stream, step }
    }
}

impl Read for StreamIo<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.try_receive(buffer, self.step)
    }
}

impl Write for StreamIo<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.try_send(bytes, self.step)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether an error only says that the kernel takes no more for now.
fn is_blocked(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
