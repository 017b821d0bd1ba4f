//! Verifies certificates as rustls does. In addition, the very certificates of `caFile` are accepted from
//! a server, also if they are not those of a certificate authority, or if they are. With `skipVerify`, every
//! certificate is accepted: `connector.rs` then connects to this machine only.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error as TlsError, SignatureScheme};

use super::trust_store::TrustStore;

/// Verifies the certificates of servers.
#[derive(Debug)]
pub(super) struct CertificateVerifier {
    /// `None`: accept every certificate.
    store: Option<Arc<TrustStore>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl CertificateVerifier {
    pub(super) fn new(
        store: Option<Arc<TrustStore>>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> CertificateVerifier {
        CertificateVerifier { store, algorithms }
    }

    fn verify_chain(
        &self,
        store: &TrustStore,
        certificate: &ParsedCertificate<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), TlsError> {
        verify_server_cert_signed_by_trust_anchor(
            certificate,
            store.roots(),
            intermediates,
            now,
            self.algorithms.all,
        )
    }
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(store) = &self.store else {
            return Ok(ServerCertVerified::assertion());
        };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        if let Err(error) = self.verify_chain(store, &certificate, intermediates, now) {
            if !store.has_certificate(end_entity) {
                return Err(error);
            }
            // What the server sends with it does not matter.
            match self.verify_chain(store, &certificate, &[], now) {
                Err(TlsError::InvalidCertificate(error)) if is_about_issuer(&error) => {}
                result => result?,
            }
        }
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
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
