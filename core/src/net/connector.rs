//! Opens connections: DNS, TCP, proxy and TLS, all within the connect timeout.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use ureq::http::Uri;

use super::attempt_context::Step;
use super::connection::{Connection, Stream};
use super::dns::Resolver;
use super::happy_eyeballs::connect_to_any;
use super::http_proxy::connect_through_proxy;
use super::origin::Origin;
use super::socket::Socket;
use super::tls::TlsStream;
use super::transport_error::TransportError;
use crate::config::{Proxies, port_or_default};
use crate::events::Phase;

/// Opens connections.
pub(super) struct Connector {
    pub(super) connect_timeout: Duration,
    pub(super) proxies: Proxies,
    /// `None` if the client uses http only.
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// `tls` accepts any certificate, so connections to other machines are refused.
    pub(super) only_loopback: bool,
    pub(super) resolver: Resolver,
}

impl Connector {
    /// Opens a connection to the server of a URL. A name server that does not answer is asked again until
    /// the deadline.
    pub(super) async fn connect(
        &self,
        url: &Uri,
        step: Step<'_>,
    ) -> Result<Connection, TransportError> {
        let stream = loop {
            match self
                .connect_stream(url, step.with_timeout(self.connect_timeout))
                .await
            {
                Err(TransportError::NameServer { host, retry_at }) => {
                    if retry_at >= step.deadline() {
                        return Err(TransportError::NameServer { host, retry_at });
                    }
                    step.wait_until(retry_at).await?;
                }
                result => break result?,
            }
        };
        step.enter(Phase::Local);
        Ok(Connection::new(
            Origin::from_url(url),
            stream,
            step.call().time_since_boot(),
        ))
    }

    async fn connect_stream(&self, url: &Uri, step: Step<'_>) -> Result<Stream, TransportError> {
        let is_https = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default();
        let port = port_or_default(url);
        let mut socket = match self.proxies.proxy_for(url) {
            None => self.connect_tcp(host, port, step).await?,
            // A proxy on this machine may lead to any other one.
            Some(_) if self.only_loopback => return Err(TransportError::NotLoopback),
            Some(proxy) => {
                let mut socket = self.connect_tcp(proxy.host(), proxy.port(), step).await?;
                connect_through_proxy(&mut socket, proxy, host, port, step).await?;
                socket
            }
        };
        match (is_https, &self.tls) {
            (true, Some(tls)) => {
                step.enter(Phase::Tls);
                let tls = TlsStream::handshake(socket, Arc::clone(tls), host, step).await?;
                Ok(Stream::Tls(tls))
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

    async fn connect_tcp(
        &self,
        host: &str,
        port: u16,
        step: Step<'_>,
    ) -> Result<Socket, TransportError> {
        step.enter(Phase::Dns);
        let addresses = self.resolver.look_up(host, port, step).await?;
        step.enter(Phase::Connect);
        match connect_to_any(&addresses, step).await {
            Ok((_, address))
                if self.only_loopback && !address.ip().to_canonical().is_loopback() =>
            {
                Err(TransportError::NotLoopback)
            }
            Ok((stream, address)) => {
                if addresses.first() != Some(&address) {
                    self.resolver.prefer(host, port, address);
                }
                stream.set_acknowledgement_timeout(self.connect_timeout);
                Ok(Socket::new(stream))
            }
            Err(error) => {
                self.resolver.forget(host, port);
                Err(error)
            }
        }
    }
}
