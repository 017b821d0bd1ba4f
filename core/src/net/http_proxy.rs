//! Opens a tunnel through an HTTP proxy with `CONNECT` (RFC 9110, 9.3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::Proxy;

use super::attempt_context::Step;
use super::socket::Socket;
use super::transport_error::TransportError;

/// The longest response head of a proxy, in bytes.
const MAX_PROXY_HEAD: usize = 8 * 1024;

/// Asks the proxy at the other end of the socket to connect to `host:port`.
pub(super) async fn connect_through_proxy(
    socket: &mut Socket,
    proxy: &Proxy,
    host: &str,
    port: u16,
    step: Step<'_>,
) -> Result<(), TransportError> {
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if proxy.username().is_some() || proxy.password().is_some() {
        let user = proxy.username().unwrap_or_default();
        let password = proxy.password().unwrap_or_default();
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        request.push_str(&format!("Proxy-Authorization: Basic {credentials}\r\n"));
    }
    request.push_str("\r\n");
    socket.send_all(request.as_bytes(), step).await?;
    match parse_status(&receive_head(socket, step).await?) {
        Some(200..=299) => Ok(()),
        status => Err(TransportError::Proxy(status)),
    }
}

/// Receives the head of the response, byte by byte: what follows it belongs to the tunnel.
async fn receive_head(socket: &mut Socket, step: Step<'_>) -> Result<Vec<u8>, TransportError> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_PROXY_HEAD || socket.receive(&mut byte, step).await? == 0 {
            return Err(TransportError::Proxy(None));
        }
        head.extend_from_slice(&byte);
    }
    Ok(head)
}

fn parse_status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head).ok()?.lines().next()?;
    let (version, rest) = line.split_once(' ')?;
    version.starts_with("HTTP/1.").then_some(())?;
    rest.get(..3)?.parse().ok()
}
