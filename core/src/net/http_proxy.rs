//! Opens a tunnel through a proxy with `CONNECT` (RFC 9110, 9.3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::attempt_context::Step;
use super::proxy_error::ProxyError;
use super::stream::Stream;
use super::transport_error::TransportError;
use crate::config::Proxy;

/// The longest response head of a proxy, in bytes.
const MAX_PROXY_HEAD: usize = 8 * 1024;

/// Asks the proxy at the other end of the stream to connect to `host:port`.
pub(super) async fn connect_through_http(
    stream: &mut Stream,
    proxy: &Proxy,
    host: &str,
    port: u16,
    step: Step<'_>,
) -> Result<(), TransportError> {
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if proxy.has_credentials() {
        let credentials = format!("{}:{}", proxy.user(), proxy.password());
        let credentials = BASE64_STANDARD.encode(credentials);
        request.push_str(&format!("Proxy-Authorization: Basic {credentials}\r\n"));
    }
    request.push_str("\r\n");
    stream.send_all(request.as_bytes(), step).await?;
    match parse_status(&receive_head(stream, step).await?) {
        Some(200..=299) => Ok(()),
        Some(status) => Err(ProxyError::HttpStatus(status).into()),
        None => Err(ProxyError::NotHttp.into()),
    }
}

/// Receives the head of the response, byte by byte: what follows it belongs to the tunnel.
async fn receive_head(stream: &mut Stream, step: Step<'_>) -> Result<Vec<u8>, TransportError> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_PROXY_HEAD || stream.receive(&mut byte, step).await? == 0 {
            return Err(ProxyError::NotHttp.into());
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
