//! Whom TLS trusts: the certificate authorities of the system, of a file, or the bundled ones.

use std::fs;
use std::sync::Arc;

use rustix::io::Errno;
use rustls::crypto::KeyProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{CipherSuite, ClientConfig, RootCertStore, SupportedCipherSuite};
use rustls_native_certs::{CertificateResult, ErrorKind, load_certs_from_paths, load_native_certs};

use crate::config::Roots;
use crate::error::Error;
use crate::journal;

use super::pem;

/// The TLS configuration for these roots.
///
/// # Errors
///
/// [`Error::Config`] when the file or directory that names them holds none.
pub(super) fn tls(roots: &Roots) -> Result<ClientConfig, Error> {
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
        .with_root_certificates(store(roots)?)
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

fn store(roots: &Roots) -> Result<RootCertStore, Error> {
    match roots {
        Roots::Bundled => Ok(bundled()),
        Roots::Platform => {
            let found = load_native_certs();
            if found.errors.iter().any(|error| is_shortage(&error.kind)) {
                return Err(Error::config(
                    "the system's certificates could not be read, since there are too many open files: close some, or raise the limit",
                ));
            }
            let store = of(found);
            Ok(match store.is_empty() {
                true => {
                    journal::bundled_roots();
                    bundled()
                }
                false => store,
            })
        }
        Roots::Files { set_by, file, dir } => {
            let mut store = RootCertStore::empty();
            // A file that cannot be read has none.
            if let Some(Ok(file)) = file.as_ref().map(fs::read) {
                store.add_parsable_certificates(pem::certificates(&file));
            }
            for dir in dir.iter().flat_map(std::env::split_paths) {
                let found = load_certs_from_paths(None, Some(&dir));
                store.add_parsable_certificates(found.certs);
            }
            if store.is_empty() {
                let paths = [file, dir].into_iter().flatten();
                // Escaped, so that no message has a control character in it.
                let paths: Vec<_> = paths.map(|path| path.escape_debug().to_string()).collect();
                return Err(Error::config(format!(
                    "`{set_by}` names no readable PEM certificate ({}): check the path and the file",
                    paths.join(", ")
                )));
            }
            Ok(store)
        }
    }
}

/// Whether a store could not be read only now: a client made without it would never trust it.
fn is_shortage(error: &ErrorKind) -> bool {
    let ErrorKind::Io { inner, .. } = error else {
        return false;
    };
    matches!(
        Errno::from_io_error(inner),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

fn of(found: CertificateResult) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.certs);
    store
}

fn bundled() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}
