//! Which TLS a client speaks.

use std::sync::Arc;

use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{CipherSuite, ClientConfig, SupportedCipherSuite};

use crate::config::Roots;
use crate::error::Error;

use super::roots;

/// The TLS configuration of a client that trusts these roots.
///
/// # Errors
///
/// [`Error::Config`] when the file or directory that names them holds none.
pub(super) fn tls_config(roots: &Roots) -> Result<ClientConfig, Error> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.key_provider = &NoKeys;
    // The order of browsers: a server without a preference is to take what costs both sides less, and
    // AES with 128 bits is no weaker than anything else in a handshake.
    let order = |suite: &SupportedCipherSuite| (suite.tls13().is_none(), !is_light(suite.suite()));
    provider.cipher_suites.sort_by_key(order);
    let provider = Arc::new(provider);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::internal("while preparing TLS"))?;
    Ok(builder
        .with_root_certificates(roots::store(roots)?)
        .with_no_client_auth())
}

fn is_light(suite: CipherSuite) -> bool {
    use CipherSuite::{
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 as TLS12_ECDSA,
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 as TLS12_RSA, TLS13_AES_128_GCM_SHA256 as TLS13,
    };
    matches!(suite, TLS13 | TLS12_ECDSA | TLS12_RSA)
}

/// Loads no private keys: the library shows no certificate of its own, so that all that signs can be
/// left out of it.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("no private keys here".to_owned()))
    }
}
