//! Verifies certificates as rustls does. In addition, the very certificates of `caFile` are accepted from
//! a server, also if they are not those of a certificate authority, or if they are.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error as TlsError, SignatureScheme};

use super::trust_store::TrustStore;

/// Verifies the certificates of servers.
#[derive(Debug)]
pub(super) struct CertificateVerifier {
    chains: Arc<WebPkiServerVerifier>,
    store: Arc<TrustStore>,
}

impl CertificateVerifier {
    /// `None` if the store is empty.
    pub(super) fn new(
        store: Arc<TrustStore>,
        provider: Arc<CryptoProvider>,
    ) -> Option<CertificateVerifier> {
        let roots = Arc::clone(store.roots());
        let chains = WebPkiServerVerifier::builder_with_provider(roots, provider);
        let chains = chains.build().ok()?;
        Some(CertificateVerifier { chains, store })
    }
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let chain = self.chains.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let Err(TlsError::InvalidCertificate(error)) = &chain else {
            return chain;
        };
        if is_about_issuer(error) && self.store.has_certificate(end_entity) {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            rustls::client::verify_server_name(&certificate, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        chain
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.chains
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.chains
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Whether the only problem is who has signed the certificate, or whom it may sign. The dates of a
/// certificate are checked before that, so they are right.
fn is_about_issuer(error: &CertificateError) -> bool {
    match error {
        CertificateError::UnknownIssuer => true,
        CertificateError::Other(error) => matches!(
            error.0.downcast_ref(),
            Some(webpki::Error::CaUsedAsEndEntity)
        ),
        _ => false,
    }
}
