//! A byte stream: a socket, or TLS over another stream. All waits are here; the layers only try.

use std::io::{self, Read, Write};

use super::attempt_context::Step;
use super::poller::Interest;
use super::socket::Socket;
use super::tls::TlsStream;
use super::transport_error::TransportError;

/// A byte stream.
pub(super) enum Stream {
    Plain(Socket),
    /// Through an `https://` proxy, this may be TLS over TLS.
    Tls(Box<TlsStream>),
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
                    self.wait_if_blocked(error, Interest::Writable, step)
                        .await?
                }
            }
        }
        self.flush(step).await
    }

    /// Sends what the layers of TLS have taken and the kernel has not.
    pub(super) async fn flush(&mut self, step: Step<'_>) -> Result<(), TransportError> {
        while let Err(error) = self.try_flush(step) {
            self.wait_if_blocked(error, Interest::Writable, step)
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
                    self.wait_if_blocked(error, Interest::Readable, step)
                        .await?
                }
            }
        }
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
        self.socket().wait_if_blocked(error, interest, step).await
    }

    fn try_send(&mut self, bytes: &[u8], step: Step<'_>) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.try_send(bytes, step),
            Stream::Tls(tls) => tls.try_send(bytes, step),
        }
    }

    pub(super) fn try_flush(&mut self, step: Step<'_>) -> io::Result<()> {
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
    pub(super) fn receive_waiting(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
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
            Stream::Tls(tls) => tls.socket(),
        }
    }
}

/// A stream as rustls reads and writes it. Its errors are those of [`Stream::wait_if_blocked`].
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
