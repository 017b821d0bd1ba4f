//! HTTPS: a listener for TLS connections, whose CA certificate is written to a file.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::generate_certificates;
use super::reset::{ResetHandle, ResettableStream};
use crate::error::Error;

/// How long a client may take for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The server's certificate, and the file with the certificate of its CA.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    ca_file: PathBuf,
    /// The folder of a temporary CA file. Both are removed when this is dropped.
    _folder: Option<TempDir>,
}

impl Tls {
    /// Generates a CA and a server certificate, and writes the certificate of the CA to `ca_file` or, by
    /// default, to a temporary file. No private key is written.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Tls, Error> {
        let (ca_pem, config) = generate_certificates().map_err(|e| Error::Keys(e.to_string()))?;
        let (ca_file, folder) = match ca_file {
            Some(path) => (path.to_owned(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("descope-ml-").tempdir()?;
                (folder.path().join("ca.pem"), Some(folder))
            }
        };
        std::fs::write(&ca_file, ca_pem).map_err(|e| {
            Error::Option(format!(
                "cannot write the CA certificate to {}: {e}",
                ca_file.display()
            ))
        })?;
        Ok(Tls {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_file,
            _folder: folder,
        })
    }

    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// A listener for TLS connections. Each handshake runs in its own task, so that a slow client does not
    /// delay others.
    pub(crate) fn listen(&self, tcp: TcpListener) -> io::Result<TlsListener> {
        let address = tcp.local_addr()?;
        let acceptor = self.acceptor.clone();
        let (ready, accepted) = mpsc::channel(64);
        tokio::spawn(async move {
            let mut tcp = tcp;
            loop {
                let (stream, peer) = Listener::accept(&mut tcp).await;
                let stream = ResettableStream::new(stream);
                let (acceptor, ready) = (acceptor.clone(), ready.clone());
                tokio::spawn(async move {
                    let handshake =
                        tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream));
                    if let Ok(Ok(stream)) = handshake.await {
                        // This fails only when the emulator stops.
                        let _ = ready.send((stream, peer)).await;
                    }
                });
            }
        });
        Ok(TlsListener { address, accepted })
    }
}

type Accepted = (TlsStream<ResettableStream>, SocketAddr);

/// A listener for TLS connections, for [`axum::serve()`].
pub(crate) struct TlsListener {
    address: SocketAddr,
    accepted: mpsc::Receiver<Accepted>,
}

impl Listener for TlsListener {
    type Io = TlsStream<ResettableStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Accepted {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for ResetHandle {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> ResetHandle {
        stream.io().get_ref().0.handle().clone()
    }
}
