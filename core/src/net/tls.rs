//! The TLS handshake.

use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use super::attempt_context::Step;
use super::stream::{Stream, TlsStream};
use super::transport_error::TransportError;
use crate::config::without_brackets;
use crate::os::Interest;

/// Prepares a handshake. rustls makes the session on the stack, in several copies: not inlined, they are gone when
/// the handshake verifies certificates, which is where a call needs most of its stack.
#[inline(never)]
fn new_stream(
    lower: Stream,
    config: Arc<ClientConfig>,
    host: &str,
) -> Result<Box<TlsStream>, TransportError> {
    let name = ServerName::try_from(without_brackets(host).to_owned()).map_err(|_| {
        TransportError::HostNotFound {
            host: host.to_owned(),
        }
    })?;
    let session = ClientConnection::new(config, name).map_err(TransportError::Tls)?;
    Ok(Box::new(TlsStream::new(lower, session)))
}

/// Performs the handshake over a stream. The peer's certificate must be valid for `host`.
pub(super) async fn start_tls(
    lower: Stream,
    config: Arc<ClientConfig>,
    host: &str,
    step: Step<'_>,
) -> Result<Stream, TransportError> {
    let mut tls = new_stream(lower, config, host)?;
    loop {
        while let Err(error) = tls.try_flush(step) {
            tls.wait_if_blocked(error, Interest::Writable, step).await?;
        }
        step.require_memory()?;
        if !tls.is_handshaking() {
            return Ok(Stream::Tls(tls));
        }
        match tls.receive_records(step) {
            Ok(0) => return Err(TransportError::Io(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => {}
            Err(error) => tls.wait_if_blocked(error, Interest::Readable, step).await?,
        }
    }
}
