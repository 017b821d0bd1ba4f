//! HTTPS: the server's certificate, whose CA certificate is written to a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::certificates::generate_certificates;
use crate::error::Error;

/// The server's certificate, and the file with the certificate of its CA.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    ca_file: PathBuf,
    /// The folder of a temporary CA file. Both are removed when this is dropped.
    _folder: Option<TempDir>,
}

impl Tls {
    /// Generates a CA and a server certificate, and writes the certificate of the CA to `ca_file` or, by
    /// default, to a temporary file. No private key is written.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Tls, Error> {
        let (ca_pem, config) = generate_certificates().map_err(|e| Error::Keys(e.to_string()))?;
        let (ca_file, folder) = match ca_file {
            Some(path) => (path.to_owned(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("descope-ml-").tempdir()?;
                (folder.path().join("ca.pem"), Some(folder))
            }
        };
        std::fs::write(&ca_file, ca_pem).map_err(|e| {
            Error::Option(format!(
                "cannot write the CA certificate to {}: {e}",
                ca_file.display()
            ))
        })?;
        Ok(Tls {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_file,
            _folder: folder,
        })
    }

    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}
