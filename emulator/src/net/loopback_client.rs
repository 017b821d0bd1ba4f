//! An HTTP client for servers on this machine: for links that a mail scanner fetches, and for webhooks. No other
//! host is contacted.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme,
};
use url::Url;

use super::loopback::loopback_addresses;

/// How long a server may take to accept the connection, to send the head of its response, and to send the
/// body.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum size of the head of a response, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// How much of a body is read, in bytes. It is discarded.
const MAX_BODY: u64 = 4 << 20;

const MAX_HEADERS: usize = 128;

/// The head of a response.
pub(crate) struct FetchResponse {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
}

/// Why there is no response. The texts contain nothing of the URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The link leads to another machine, or is not a link of HTTP.
    #[error("{0}")]
    NotFetched(&'static str),
    #[error("{0}")]
    Failed(String),
}

/// A request to a server on this machine.
pub(crate) struct LoopbackRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) json: Option<&'a str>,
}

/// Parses the URL of a server on this machine.
pub(crate) fn parse_loopback_url(url: &str) -> Result<Url, FetchError> {
    let url = Url::parse(url).map_err(|_| FetchError::NotFetched("the link is not a valid URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::NotFetched(
            "the link is not an http or https URL",
        ));
    }
    match socket_addresses(&url) {
        Some(_) => Ok(url),
        None => Err(FetchError::NotFetched(
            "the host is not this machine: only localhost and loopback addresses are fetched",
        )),
    }
}

/// Sends a request and reads the response.
pub(crate) async fn fetch(request: &LoopbackRequest<'_>) -> Result<FetchResponse, FetchError> {
    let url = parse_loopback_url(request.url)?;
    let exchange = async {
        let addresses = socket_addresses(&url).unwrap_or_default();
        let connect = TcpStream::connect(addresses.as_slice());
        let tcp = timeout(TIMEOUT, connect)
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        match url.scheme() {
            "https" => exchange(connect_tls(tcp, &url).await?, request, &url).await,
            _ => exchange(tcp, request, &url).await,
        }
    };
    exchange
        .await
        .map_err(|error: io::Error| FetchError::Failed(describe(&error)))
}

/// The addresses of a URL whose host is this machine. No name is looked up.
fn socket_addresses(url: &Url) -> Option<Vec<SocketAddr>> {
    let port = url.port_or_known_default()?;
    let addresses = loopback_addresses(&url.host()?)?.into_iter();
    Some(addresses.map(|ip| (ip, port).into()).collect())
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &LoopbackRequest<'_>,
    url: &Url,
) -> io::Result<FetchResponse> {
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let LoopbackRequest {
        method, user_agent, ..
    } = request;
    let body = request.json.unwrap_or_default();
    let body_headers = match request.json {
        Some(_) => format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        ),
        None => String::new(),
    };
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {user_agent}\r\n\
         Accept: */*\r\n{body_headers}Connection: close\r\n\r\n{body}"
    );
    let head = async {
        stream.write_all(request.as_bytes()).await?;
        read_head(&mut stream).await
    };
    let response = timeout(TIMEOUT, head)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    // The server can finish its response. Whether it does makes no difference.
    let mut body = stream.take(MAX_BODY);
    let _ = timeout(TIMEOUT, tokio::io::copy(&mut body, &mut tokio::io::sink())).await;
    Ok(response)
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<FetchResponse> {
    let mut bytes = Vec::new();
    loop {
        let parsed = parse_head(&bytes).map_err(io::Error::other)?;
        match parsed {
            // An interim response, such as 103 Early Hints, comes before the real one.
            Some((length, response)) if response.status < 200 => drop(bytes.drain(..length)),
            Some((_, response)) => return Ok(response),
            None if bytes.len() > MAX_HEAD => {
                return Err(io::Error::other("the head of the response is too large"));
            }
            None if stream.read_buf(&mut bytes).await? == 0 => {
                return Err(io::Error::other(
                    "the server closed the connection before its response was complete",
                ));
            }
            None => {}
        }
    }
}

/// The length of a head and what it says; `None` if it is incomplete.
fn parse_head(bytes: &[u8]) -> Result<Option<(usize, FetchResponse)>, &'static str> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    match head.parse(bytes) {
        Ok(httparse::Status::Partial) => Ok(None),
        Ok(httparse::Status::Complete(length)) => {
            let mut headers = head.headers.iter();
            let location = headers.find(|header| header.name.eq_ignore_ascii_case("location"));
            let response = FetchResponse {
                status: head.code.unwrap_or_default(),
                location: location.map(|one| String::from_utf8_lossy(one.value).into_owned()),
            };
            Ok(Some((length, response)))
        }
        Err(_) => Err("the response is not HTTP/1.1"),
    }
}

fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "connection refused: no server listens there".to_owned()
        }
        io::ErrorKind::TimedOut => format!("no response within {}s", TIMEOUT.as_secs()),
        _ => error.to_string(),
    }
}

async fn connect_tls(
    tcp: TcpStream,
    url: &Url,
) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    let host = url.host_str().unwrap_or_default();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(io::Error::other)?;
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, tcp);
    timeout(TIMEOUT, handshake)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Accepts every certificate: a server on this machine may have signed its own.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_has_loopback_addresses() {
        let addresses = |url: &str| socket_addresses(&Url::parse(url).unwrap());
        for local in [
            "http://127.0.0.1:5000/",
            "http://127.9.9.9/",
            "http://[::1]:5000/",
            "https://localhost/",
            "http://LOCALHOST:1/",
            "http://app.localhost/",
            // The URL parser reads these as addresses.
            "http://0x7f000001/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(addresses(local).is_some(), "{local}");
        }
        for other in [
            "http://example.com/",
            "http://localhost.example.com/",
            "http://notlocalhost/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::ffff:10.0.0.1]/",
        ] {
            assert!(addresses(other).is_none(), "{other}");
        }
    }
}
