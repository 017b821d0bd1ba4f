//! Accepts connections and serves HTTP on them, over TLS if it is wanted.
//!
//! This is not `axum::serve`, which lets `hyper` add a `Date` header with the time of the machine. The
//! emulator has a clock of its own, and its responses may lack the header.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::connection::{Connection, Connections};
use super::latency::delayed_listener;

/// How long a client may take for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Chooses the routes for a request.
pub(crate) type RouterFor = Arc<dyn Fn(&mut Request<Incoming>) -> Router + Send + Sync>;

/// What serves a connection.
#[derive(Clone)]
pub(crate) struct ConnectionServer {
    pub(crate) router_for: RouterFor,
    /// Accepts TLS. `None` for HTTP without TLS.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Delay added in each direction.
    pub(crate) latency: Duration,
    pub(crate) connections: Connections,
}

impl ConnectionServer {
    /// Serves all connections of a listener. Each one runs in a task of its own, so that a slow client
    /// does not delay others. Returns only if the listener cannot be used.
    pub(crate) async fn serve(self, tcp: std::net::TcpListener) -> io::Result<()> {
        let mut tcp = TcpListener::from_std(tcp)?;
        if !self.latency.is_zero() {
            tcp = delayed_listener(tcp, self.latency).await?;
        }
        loop {
            let (stream, _) = Listener::accept(&mut tcp).await;
            tokio::spawn(self.clone().serve_connection(stream));
        }
    }

    async fn serve_connection(self, stream: TcpStream) {
        let stream = self.connections.open(stream);
        let connection = stream.connection().clone();
        let Some(tls) = &self.tls else {
            return serve_http(stream, connection, self.router_for).await;
        };
        let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream));
        if let Ok(Ok(stream)) = handshake.await {
            serve_http(stream, connection, self.router_for).await;
        }
    }
}

/// Serves the requests of one connection, each with the connection as an extension.
async fn serve_http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    connection: Connection,
    router_for: RouterFor,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        TowerToHyperService::new(router_for(&mut request)).call(request)
    });
    let mut http = http1::Builder::new();
    http.auto_date_header(false);
    // An error means that the client has closed the connection, or that a fault did.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}
