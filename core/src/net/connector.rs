//! Opens connections: DNS, TCP, proxy and TLS, all within the connect timeout.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use ureq::http::Uri;

use super::attempt_context::AttemptContext;
use super::connection::{Connection, Stream};
use super::dns::Resolver;
use super::http_proxy::connect_through_proxy;
use super::origin::Origin;
use super::socket::Socket;
use super::tls::TlsStream;
use super::transport_error::TransportError;
use crate::config::{Proxies, port_or_default};

/// Opens connections.
pub(super) struct Connector {
    pub(super) connect_timeout: Duration,
    pub(super) proxies: Proxies,
    /// `None` if the client uses http only.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) resolver: Resolver,
}

impl Connector {
    /// Opens a connection to the server of a URL.
    pub(super) fn connect(
        &self,
        url: &Uri,
        attempt: &AttemptContext,
    ) -> Result<Connection, TransportError> {
        let stream =
            attempt.with_timeout(self.connect_timeout, || self.connect_stream(url, attempt))?;
        Ok(Connection::new(Origin::from_url(url), stream))
    }

    fn connect_stream(
        &self,
        url: &Uri,
        attempt: &AttemptContext,
    ) -> Result<Stream, TransportError> {
        let is_https = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default();
        let port = port_or_default(url);
        let mut socket = match self.proxies.proxy_for(url) {
            None => self.connect_tcp(host, port, attempt)?,
            Some(proxy) => {
                let mut socket = self.connect_tcp(proxy.host(), proxy.port(), attempt)?;
                connect_through_proxy(&mut socket, proxy, host, port, attempt)?;
                socket
            }
        };
        match (is_https, &self.tls) {
            (true, Some(tls)) => {
                let tls = TlsStream::handshake(socket, Arc::clone(tls), host, attempt)?;
                Ok(Stream::Tls(Box::new(tls)))
            }
            (true, None) => Err(TransportError::Io(std::io::Error::other(
                "TLS is not configured",
            ))),
            (false, _) => {
                socket.handshake_done();
                Ok(Stream::Plain(socket))
            }
        }
    }

    fn connect_tcp(
        &self,
        host: &str,
        port: u16,
        attempt: &AttemptContext,
    ) -> Result<Socket, TransportError> {
        let addresses = self.resolver.look_up(host, port, attempt)?;
        match Socket::connect(&addresses, attempt) {
            Ok((socket, address)) => {
                if addresses.first() != Some(&address) {
                    self.resolver.prefer(host, port, address);
                }
                Ok(socket)
            }
            Err(error) => {
                self.resolver.forget(host, port);
                Err(error)
            }
        }
    }
}
