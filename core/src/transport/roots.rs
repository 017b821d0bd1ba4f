//! Whom TLS trusts: the certificate authorities of the system, of a file, or the bundled ones.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use crate::config::Roots;
use crate::error::Error;

/// The TLS configuration for these roots.
///
/// # Errors
///
/// [`Error::Config`] when the file or directory that names them holds none.
pub(super) fn tls(roots: &Roots) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::internal("while preparing TLS"))?;
    Ok(builder
        .with_root_certificates(store(roots)?)
        .with_no_client_auth())
}

fn store(roots: &Roots) -> Result<RootCertStore, Error> {
    match roots {
        Roots::Bundled => Ok(bundled()),
        Roots::Platform => {
            let store = of(load_native_certs());
            Ok(if store.is_empty() { bundled() } else { store })
        }
        Roots::Files { set_by, file, dir } => {
            let path = |path: &Option<String>| path.as_deref().map(Path::new).map(Path::to_owned);
            let store = of(load_certs_from_paths(
                path(file).as_deref(),
                path(dir).as_deref(),
            ));
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
