//! The TLS configuration of a client.

use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{CipherSuite, ClientConfig, SupportedCipherSuite};

use crate::config::Settings;
use crate::error::Error;

use super::certificate_verifier::CertificateVerifier;
use super::trust_store;

/// The TLS configuration of a client. With `skip_verify` it accepts any certificate, so it must only be used
/// for connections to this machine.
///
/// # Errors
///
/// [`Error::Config`] if they cannot be read.
pub(super) fn tls_config(settings: &Settings) -> Result<ClientConfig, Error> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.key_provider = &NoClientKeys;
    // The order of browsers. A server without a preference takes the first, which costs both sides
    // less. AES-128 is not weaker than the rest of the handshake.
    let order =
        |suite: &SupportedCipherSuite| (suite.tls13().is_none(), !is_aes_128(suite.suite()));
    provider.cipher_suites.sort_by_key(order);
    let provider = Arc::new(provider);
    let algorithms = provider.signature_verification_algorithms;
    let store = match settings.skip_verify {
        true => None,
        false => Some(trust_store::load(&settings.trust_anchors)?),
    };
    let verifier = CertificateVerifier::new(store, algorithms);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::internal("configuring TLS"))?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn is_aes_128(suite: CipherSuite) -> bool {
    use CipherSuite::{
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 as TLS12_ECDSA,
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 as TLS12_RSA, TLS13_AES_128_GCM_SHA256 as TLS13,
    };
    matches!(suite, TLS13 | TLS12_ECDSA | TLS12_RSA)
}

/// Loads no private keys. The library sends no client certificate, so no signing code is linked.
#[derive(Debug)]
struct NoClientKeys;

impl KeyProvider for NoClientKeys {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General(
            "client certificates are not supported".to_owned(),
        ))
    }
}
