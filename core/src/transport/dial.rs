//! Makes connections: name, TCP, proxy and TLS, all within the connect timeout.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use ureq::http::Uri;

use super::attempt::Attempt;
use super::connection::{Connection, Target, Wire};
use super::fault::Fault;
use super::names::Names;
use super::socket::Socket;
use super::tls::Tls;
use super::tunnel;
use crate::config::Proxies;

/// What connections are made with.
pub(super) struct Dial {
    pub(super) connect_timeout: Duration,
    pub(super) proxies: Proxies,
    /// Absent when the client only ever speaks plain http.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) names: Names,
}

impl Dial {
    /// Makes a connection to the server of this address.
    pub(super) fn connect(&self, uri: &Uri, attempt: &Attempt) -> Result<Connection, Fault> {
        let wire = attempt.within(self.connect_timeout, || self.wire(uri, attempt))?;
        Ok(Connection::new(Target::of(uri), wire))
    }

    fn wire(&self, uri: &Uri, attempt: &Attempt) -> Result<Wire, Fault> {
        let https = uri.scheme_str() == Some("https");
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let mut socket = match self.proxies.of(uri) {
            None => self.socket(host, port, attempt)?,
            Some(proxy) => {
                let mut socket = self.socket(proxy.host(), proxy.port(), attempt)?;
                tunnel::open(&mut socket, proxy, host, port, attempt)?;
                socket
            }
        };
        match (https, &self.tls) {
            (true, Some(tls)) => {
                let tls = Tls::handshake(socket, Arc::clone(tls), host, attempt)?;
                Ok(Wire::Tls(Box::new(tls)))
            }
            (true, None) => Err(Fault::Io(std::io::Error::other("TLS is not prepared"))),
            (false, _) => {
                socket.carry_request();
                Ok(Wire::Plain(socket))
            }
        }
    }

    fn socket(&self, host: &str, port: u16, attempt: &Attempt) -> Result<Socket, Fault> {
        let addresses = self.names.look_up(host, port, attempt)?;
        match Socket::connect(&addresses, attempt) {
            Ok((socket, address)) => {
                if addresses.first() != Some(&address) {
                    self.names.prefer(host, port, address);
                }
                Ok(socket)
            }
            Err(fault) => {
                self.names.forget(host, port);
                Err(fault)
            }
        }
    }
}
