//! Opens a tunnel through a SOCKS 5 proxy (RFC 1928), with user name and password (RFC 1929).

use std::net::IpAddr;

use super::attempt_context::Step;
use super::proxy_error::ProxyError;
use super::stream::Stream;
use super::transport_error::TransportError;
use crate::config::{Proxy, without_brackets};

const VERSION: u8 = 5;
const CREDENTIALS_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const SUCCEEDED: u8 = 0;

// Methods of authentication.
const NONE: u8 = 0;
const CREDENTIALS: u8 = 2;
const NOT_ACCEPTABLE: u8 = 0xff;

// Types of addresses.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks the proxy at the other end of the stream to connect to `host:port`. It resolves a host that is no
/// address.
pub(super) async fn connect_through_socks(
    stream: &mut Stream,
    proxy: &Proxy,
    host: &str,
    port: u16,
    step: Step<'_>,
) -> Result<(), TransportError> {
    authenticate(stream, proxy, step).await?;
    let mut request = vec![VERSION, CONNECT, 0];
    match without_brackets(host).parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
        Err(_) => {
            request.push(NAME);
            push_text(&mut request, host).ok_or_else(|| TransportError::HostNotFound {
                host: host.to_owned(),
            })?;
        }
    }
    request.extend(port.to_be_bytes());
    stream.send_all(&request, step).await?;
    match receive_pair(stream, step).await? {
        [VERSION, SUCCEEDED] => receive_bound_address(stream, step).await,
        [VERSION, reply] => Err(ProxyError::SocksReply(reply).into()),
        _ => Err(ProxyError::NotSocks.into()),
    }
}

/// Agrees on a method of authentication, and sends user name and password if the proxy wants them.
async fn authenticate(
    stream: &mut Stream,
    proxy: &Proxy,
    step: Step<'_>,
) -> Result<(), TransportError> {
    let offered: &[u8] = if proxy.has_credentials() {
        &[VERSION, 2, NONE, CREDENTIALS]
    } else {
        &[VERSION, 1, NONE]
    };
    stream.send_all(offered, step).await?;
    match receive_pair(stream, step).await? {
        [VERSION, NONE] => return Ok(()),
        [VERSION, CREDENTIALS] if proxy.has_credentials() => {}
        [VERSION, NOT_ACCEPTABLE] => return Err(ProxyError::SocksCredentials.into()),
        _ => return Err(ProxyError::NotSocks.into()),
    }
    let mut credentials = vec![CREDENTIALS_VERSION];
    for text in [proxy.user(), proxy.password()] {
        push_text(&mut credentials, text).ok_or(ProxyError::SocksCredentials)?;
    }
    stream.send_all(&credentials, step).await?;
    match receive_pair(stream, step).await? {
        [_, SUCCEEDED] => Ok(()),
        _ => Err(ProxyError::SocksCredentials.into()),
    }
}

/// Adds a text with its length before it. `None` if it is too long.
fn push_text(message: &mut Vec<u8>, text: &str) -> Option<()> {
    message.push(text.len().try_into().ok()?);
    message.extend(text.as_bytes());
    Some(())
}

/// The first two bytes of each message of the proxy: a version and a result.
async fn receive_pair(stream: &mut Stream, step: Step<'_>) -> Result<[u8; 2], TransportError> {
    let mut pair = [0; 2];
    receive(stream, &mut pair, step).await?;
    Ok(pair)
}

/// Receives the address from which the proxy has connected. It does not matter, but the tunnel begins
/// behind it.
async fn receive_bound_address(stream: &mut Stream, step: Step<'_>) -> Result<(), TransportError> {
    let mut start = [0; 3];
    receive(stream, &mut start, step).await?;
    let rest = match start {
        [_, IPV4, _] => 3,
        [_, IPV6, _] => 15,
        [_, NAME, length] => usize::from(length),
        _ => return Err(ProxyError::NotSocks.into()),
    };
    let mut address_and_port = [0; 255 + 2];
    let rest = address_and_port.get_mut(..rest + 2).unwrap_or_default();
    receive(stream, rest, step).await
}

/// Receives as many bytes as the buffer has, and not more: what follows belongs to the tunnel.
async fn receive(
    stream: &mut Stream,
    mut buffer: &mut [u8],
    step: Step<'_>,
) -> Result<(), TransportError> {
    while !buffer.is_empty() {
        match stream.receive(buffer, step).await? {
            0 => return Err(ProxyError::NotSocks.into()),
            amount => buffer = buffer.get_mut(amount..).unwrap_or_default(),
        }
    }
    Ok(())
}
