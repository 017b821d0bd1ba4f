//! TCP connections: each has a number, counts its responses, and can be reset by a request, as a crashed
//! server or a broken network would.
//!
//! A reset works in three steps. Each request has the [`Connection`] that it came on as an extension. It
//! calls [`Connection::reset`]. The next write to the connection then fails, which makes the HTTP server
//! drop it, and the kernel sends a TCP RST.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::set_nodelay;

/// Numbers the connections of an emulator.
#[derive(Clone, Default)]
pub(crate) struct Connections {
    /// The number of the newest connection.
    newest: Arc<AtomicU64>,
}

impl Connections {
    /// Gives a new connection its number.
    pub(super) fn open(&self, stream: TcpStream) -> ResettableStream {
        set_nodelay(&stream);
        let state = ConnectionState {
            number: self.newest.fetch_add(1, Ordering::Relaxed) + 1,
            responses: AtomicU64::new(0),
            is_reset: AtomicBool::new(false),
            all: self.clone(),
        };
        ResettableStream {
            stream,
            connection: Connection(Arc::new(state)),
        }
    }
}

/// The connection that a request came on.
#[derive(Clone)]
pub(crate) struct Connection(Arc<ConnectionState>);

struct ConnectionState {
    number: u64,
    responses: AtomicU64,
    is_reset: AtomicBool,
    all: Connections,
}

impl Connection {
    /// Its number: 1 for the first one that the emulator accepted, more for each later one.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    /// The number of the newest connection of the emulator.
    pub(crate) fn newest_number(&self) -> u64 {
        self.0.all.newest.load(Ordering::Relaxed)
    }

    /// How many responses of the API were sent on it.
    pub(crate) fn responses(&self) -> u64 {
        self.0.responses.load(Ordering::Relaxed)
    }

    pub(crate) fn count_response(&self) {
        self.0.responses.fetch_add(1, Ordering::Relaxed);
    }

    /// Makes the next write to the connection reset it instead.
    pub(crate) fn reset(&self) {
        self.0.is_reset.store(true, Ordering::Release);
    }

    fn is_reset(&self) -> bool {
        self.0.is_reset.load(Ordering::Acquire)
    }
}

/// The stream of a connection, which can be reset.
pub(super) struct ResettableStream {
    stream: TcpStream,
    connection: Connection,
}

impl ResettableStream {
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Fails if the connection is to be reset. The kernel then sends a TCP RST when it is closed.
    fn check(&self) -> io::Result<()> {
        match self.connection.is_reset() {
            false => Ok(()),
            true => {
                self.stream.set_zero_linger()?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP FIN would be sent before the reset.
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
