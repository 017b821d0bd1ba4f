//! HTTPS: a throw-away authority, a certificate for this machine, and a listener that speaks TLS.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};
use tempfile::TempDir;
use time::{Duration as Days, OffsetDateTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

use crate::control::Wire;
use crate::error::Error;

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The authority's certificate in a file, and the server's own.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    ca_file: PathBuf,
    /// Removes the file with the emulator.
    _folder: Option<TempDir>,
}

impl Tls {
    /// Makes an authority and a certificate; only the authority's certificate is written.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Tls, Error> {
        let (ca_pem, config) = certificates().map_err(|e| Error::Keys(e.to_string()))?;
        let (ca_file, folder) = match ca_file {
            Some(path) => (path.to_owned(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("descope-ml-").tempdir()?;
                (folder.path().join("ca.pem"), Some(folder))
            }
        };
        std::fs::write(&ca_file, ca_pem)?;
        Ok(Tls {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_file,
            _folder: folder,
        })
    }

    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// A listener whose connections are TLS. Hands are shaken aside, so a slow client holds up none.
    pub(crate) fn listen(&self, tcp: TcpListener) -> io::Result<TlsListener> {
        let address = tcp.local_addr()?;
        let acceptor = self.acceptor.clone();
        let (ready, accepted) = mpsc::channel(64);
        tokio::spawn(async move {
            let mut tcp = tcp;
            loop {
                let (stream, peer) = Listener::accept(&mut tcp).await;
                let stream = Wire::new(stream);
                let (acceptor, ready) = (acceptor.clone(), ready.clone());
                tokio::spawn(async move {
                    let hands = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream));
                    if let Ok(Ok(stream)) = hands.await {
                        // The receiver is gone only when the emulator stops.
                        let _ = ready.send((stream, peer)).await;
                    }
                });
            }
        });
        Ok(TlsListener { address, accepted })
    }
}

/// Sends what is written at once: an answer that waits to be filled up is a slow one. A connection
/// that will not have it works all the same.
pub(crate) fn answer_at_once(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
}

type Accepted = (TlsStream<Wire>, SocketAddr);

/// A listener for [`axum::serve`].
pub(crate) struct TlsListener {
    address: SocketAddr,
    accepted: mpsc::Receiver<Accepted>,
}

impl Listener for TlsListener {
    type Io = TlsStream<Wire>;
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

fn certificates() -> Result<(String, ServerConfig), Box<dyn std::error::Error>> {
    // Some systems distrust a server's certificate that is valid for longer than 825 days.
    let (from, until) = (
        OffsetDateTime::now_utc() - Days::days(1),
        OffsetDateTime::now_utc() + Days::days(365),
    );
    let mut ca = CertificateParams::default();
    (ca.not_before, ca.not_after) = (from, until);
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name
        .push(DnType::CommonName, "descope-ml-emulator throw-away CA");
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let mut server = CertificateParams::new(names)?;
    (server.not_before, server.not_after) = (from, until);
    server
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &ca)?;

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((ca.pem(), config))
}
