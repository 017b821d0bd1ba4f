//! Opens connections: DNS, TCP, proxy and TLS, all within the connect timeout.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use ureq::http::Uri;

use super::attempt_context::Step;
use super::connection::Connection;
use super::dns::Resolver;
use super::happy_eyeballs::connect_to_any;
use super::http_proxy::connect_through_http;
use super::origin::Origin;
use super::proxy_error::ProxyError;
use super::socket::Socket;
use super::socks::connect_through_socks;
use super::stream::Stream;
use super::tls::start_tls;
use super::transport_error::TransportError;
use crate::config::{Proxies, Proxy, ProxyKind, port_or_default};
use crate::events::Phase;

/// Opens connections.
pub(super) struct Connector {
    pub(super) connect_timeout: Duration,
    pub(super) proxies: Proxies,
    /// `None` if the client uses TLS neither with the server nor with a proxy.
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// `tls` accepts any certificate, so connections to other machines are refused.
    pub(super) only_loopback: bool,
    pub(super) resolver: Resolver,
}

impl Connector {
    /// Opens a connection to the server of a URL.
    ///
    /// Connecting is rare. In a box, it adds nothing to the size of each call. Not inlined, since it is made on the
    /// stack before it moves into the box.
    #[inline(never)]
    pub(super) fn connect<'a>(
        &'a self,
        url: &'a Uri,
        step: Step<'a>,
    ) -> Pin<Box<impl Future<Output = Result<Box<Connection>, TransportError>>>> {
        Box::pin(self.connect_in_time(url, step))
    }

    /// A name server that does not answer has until the deadline: nothing was sent.
    async fn connect_in_time(
        &self,
        url: &Uri,
        step: Step<'_>,
    ) -> Result<Box<Connection>, TransportError> {
        let stream = loop {
            match self
                .connect_stream(url, step.with_timeout(self.connect_timeout))
                .await
            {
                // The connect timeout is over, not the call.
                Err(TransportError::NameServer { .. }) if step.time_left().is_ok() => {}
                result => break result?,
            }
        };
        step.enter(Phase::Local);
        Ok(Box::new(Connection::new(
            Origin::from_url(url),
            stream,
            step.call().time_since_boot(),
        )))
    }

    async fn connect_stream(&self, url: &Uri, step: Step<'_>) -> Result<Stream, TransportError> {
        let is_https = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default();
        let port = port_or_default(url);
        let mut stream = match self.proxies.proxy_for(url).map_err(ProxyError::Unusable)? {
            None => self.connect_tcp(host, port, step).await?,
            // A proxy on this machine may lead to any other one.
            Some(_) if self.only_loopback => return Err(TransportError::NotLoopback),
            Some(proxy) => {
                let stream = self.connect_through(proxy, host, port, step).await;
                stream.map_err(TransportError::of_proxy)?
            }
        };
        if is_https {
            step.enter(Phase::Tls);
            stream = self.start_tls(stream, host, step).await?;
        }
        stream.socket().handshake_done();
        Ok(stream)
    }

    /// Opens a tunnel through a proxy. If it gets the addresses of the host, they are tried one after
    /// another, each with an equal part of the time that is left.
    async fn connect_through(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
        step: Step<'_>,
    ) -> Result<Stream, TransportError> {
        let mut targets = vec![host.to_owned()];
        let mut addresses = None;
        if proxy.kind() == ProxyKind::Socks5 {
            step.enter(Phase::Dns);
            let found = self.resolver.look_up(host, port, step).await?;
            targets = found.iter().map(|one| one.ip().to_string()).collect();
            addresses = Some(found);
        }
        let mut last_error = TransportError::Io(io::ErrorKind::AddrNotAvailable.into());
        for (index, target) in targets.iter().enumerate() {
            let remaining = u32::try_from(targets.len() - index).unwrap_or(u32::MAX);
            let step = step.with_timeout(step.time_left()? / remaining);
            match self.open_tunnel(proxy, target, port, step).await {
                Ok(stream) => {
                    let address = addresses.as_ref().and_then(|found| found.get(index));
                    if let Some(address) = address.filter(|_| index > 0) {
                        self.resolver.prefer(host, port, *address);
                    }
                    return Ok(stream);
                }
                Err(
                    error @ (TransportError::Timeout
                    | TransportError::Proxy(ProxyError::SocksReply(_))),
                ) => last_error = error,
                Err(error) => return Err(error),
            }
        }
        self.resolver.forget(host, port);
        Err(last_error)
    }

    async fn open_tunnel(
        &self,
        proxy: &Proxy,
        host: &str,
        port: u16,
        step: Step<'_>,
    ) -> Result<Stream, TransportError> {
        let mut stream = self.connect_tcp(proxy.host(), proxy.port(), step).await?;
        if proxy.kind() == ProxyKind::Https {
            stream = self.start_tls(stream, proxy.host(), step).await?;
        }
        match proxy.kind() {
            ProxyKind::Http | ProxyKind::Https => {
                connect_through_http(&mut stream, proxy, host, port, step).await?;
            }
            ProxyKind::Socks5 | ProxyKind::Socks5h => {
                connect_through_socks(&mut stream, proxy, host, port, step).await?;
            }
        }
        Ok(stream)
    }

    async fn start_tls(
        &self,
        stream: Stream,
        host: &str,
        step: Step<'_>,
    ) -> Result<Stream, TransportError> {
        let Some(tls) = &self.tls else {
            return Err(TransportError::Io(io::Error::other(
                "TLS is not configured",
            )));
        };
        start_tls(stream, Arc::clone(tls), host, step).await
    }

    async fn connect_tcp(
        &self,
        host: &str,
        port: u16,
        step: Step<'_>,
    ) -> Result<Stream, TransportError> {
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
                Ok(Stream::Plain(Socket::new(stream)))
            }
            Err(error) => {
                self.resolver.forget(host, port);
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::time::Instant;

    use super::*;
    use crate::config::Config;
    use crate::net::testing::with_blocking_step;

    /// What a SOCKS proxy does with a request to connect.
    #[derive(Clone, Copy)]
    enum Reaction {
        Refuse,
        Stall,
    }

    /// A SOCKS proxy that connects to nothing but 127.0.0.1, and how often it was asked in all.
    fn serve_socks(listener: &TcpListener, otherwise: Reaction) -> usize {
        let mut stalled = Vec::new();
        for asked in 1.. {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 3]).unwrap();
            stream.write_all(b"\x05\0").unwrap();
            let mut request = [0; 10];
            stream.read_exact(&mut request).unwrap();
            if request.starts_with(b"\x05\x01\0\x01\x7f\0\0\x01") {
                stream.write_all(b"\x05\0\0\x01\0\0\0\0\0\0").unwrap();
                return asked;
            }
            match otherwise {
                Reaction::Refuse => stream.write_all(b"\x05\x03").unwrap(),
                Reaction::Stall => stalled.push(stream),
            }
        }
        0
    }

    #[test]
    fn each_address_of_the_server_is_tried_through_a_socks_proxy() {
        for otherwise in [Reaction::Refuse, Reaction::Stall] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let proxy = format!(
                r#"{{"proxy": "socks5://{}"}}"#,
                listener.local_addr().unwrap()
            );
            let settings = Config::from_json(&proxy).unwrap().resolve_without_env();
            let connector = Connector {
                connect_timeout: Duration::from_millis(2_000),
                proxies: settings.unwrap().proxies,
                tls: None,
                only_loopback: false,
                resolver: Resolver::default(),
            };
            let [dead, live] = [2, 1].map(|last| SocketAddr::from(([127, 0, 0, last], 81)));
            connector
                .resolver
                .insert("api.example", 81, vec![dead, live]);
            let proxy = std::thread::spawn(move || serve_socks(&listener, otherwise));
            let in_time = Instant::now() + Duration::from_secs(30);
            with_blocking_step(in_time, async |step: Step<'_>| {
                let url = Uri::from_static("http://api.example:81/");
                assert!(connector.connect(&url, step).await.is_ok());
                let addresses = connector.resolver.look_up("api.example", 81, step).await;
                assert_eq!(*addresses.unwrap(), [live, dead]);
            });
            assert_eq!(proxy.join().unwrap(), 2);
        }
    }
}
