//! Makes connections for ureq: name, TCP, proxy and TLS, all within the connect timeout.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, NextTimeout};

use super::call;
use super::connection::Connection;
use super::fault::Fault;
use super::names::Names;
use super::prepared::{Made, Prepared, Waiting};
use super::socket::Socket;
use super::tls::Tls;
use crate::config::Proxies;

/// What connections are made with; shared by the agents of one client.
pub(super) struct Parts {
    pub(super) connect_timeout: Duration,
    pub(super) proxies: Proxies,
    /// Absent when the client only ever speaks plain http.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) names: Names,
    pub(super) waiting: Waiting,
}

/// ureq's way to us.
#[derive(Clone)]
pub(super) struct Dial(pub(super) Arc<Parts>);

/// A resolver that does nothing: ureq asks before every request, but a name is looked up only to
/// make a connection.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Parts {
    /// Makes a connection ahead, unless one waits already.
    pub(super) fn warm_up(&self, target: &Uri) -> Result<(), Fault> {
        let one = match self.waiting.take(target) {
            Some(one) => one,
            None => Prepared::new(target, self.within_time(target)?),
        };
        self.waiting.keep(one);
        Ok(())
    }

    fn within_time(&self, target: &Uri) -> Result<Made, Fault> {
        call::within(self.connect_timeout, || self.dial(target))
    }

    fn dial(&self, target: &Uri) -> Result<Made, Fault> {
        let https = target.scheme_str() == Some("https");
        let host = target.host().unwrap_or_default();
        let port = target.port_u16().unwrap_or(if https { 443 } else { 80 });
        let mut socket = match self.proxies.of(target) {
            None => self.connect(host, port)?,
            Some(proxy) => {
                let mut socket = self.connect(proxy.host(), proxy.port())?;
                super::tunnel::open(&mut socket, proxy, host, port)?;
                socket
            }
        };
        match (https, &self.tls) {
            (true, Some(tls)) => {
                let tls = Tls::handshake(socket, Arc::clone(tls), host)?;
                Ok(Either::B(Connection::new(tls)))
            }
            (true, None) => Err(Fault::Io(std::io::Error::other("TLS is not prepared"))),
            (false, _) => {
                socket.carry_request();
                Ok(Either::A(Connection::new(socket)))
            }
        }
    }

    fn connect(&self, host: &str, port: u16) -> Result<Socket, Fault> {
        let addresses = self.names.look_up(host, port)?;
        Socket::connect(&addresses).inspect_err(|_| self.names.forget(host, port))
    }
}

impl Connector for Dial {
    type Out = Made;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        if let Some(ready) = self.0.waiting.take(details.uri) {
            return Ok(Some(ready.into_connection()));
        }
        Ok(Some(self.0.within_time(details.uri)?))
    }
}

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut none = self.empty();
        none.push(SocketAddr::from(([0, 0, 0, 0], 0)));
        Ok(none)
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dial").finish_non_exhaustive()
    }
}
