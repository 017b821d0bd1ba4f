//! TCP connections that a request can reset, as a crashed server or a broken network would.
//!
//! A reset fault works in three steps. Each connection has a [`ResetHandle`], which `axum` passes to its
//! requests as connection info. A request calls [`ResetHandle::reset`]. The next write to the connection
//! then fails, which makes the HTTP server drop it, and the kernel sends a TCP RST.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::set_nodelay;

/// Resets the connection that a request came on.
#[derive(Clone, Default)]
pub(crate) struct ResetHandle(Arc<AtomicBool>);

impl ResetHandle {
    /// Makes the next write to the connection reset it instead.
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_reset(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A TCP connection with a reset handle.
pub(crate) struct ResettableStream {
    stream: TcpStream,
    handle: ResetHandle,
}

impl ResettableStream {
    pub(super) fn new(stream: TcpStream) -> ResettableStream {
        set_nodelay(&stream);
        ResettableStream {
            stream,
            handle: ResetHandle::default(),
        }
    }

    pub(super) fn handle(&self) -> &ResetHandle {
        &self.handle
    }

    /// Fails if the connection is to be reset. The kernel then sends a TCP RST when it is closed.
    fn check(&self) -> io::Result<()> {
        match self.handle.is_reset() {
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

/// A listener for connections without TLS, for [`axum::serve()`].
pub(crate) struct PlainListener(pub(crate) TcpListener);

impl Listener for PlainListener {
    type Io = ResettableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ResettableStream, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        (ResettableStream::new(stream), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, PlainListener>> for ResetHandle {
    fn connect_info(stream: IncomingStream<'_, PlainListener>) -> ResetHandle {
        stream.io().handle().clone()
    }
}
