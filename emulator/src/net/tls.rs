//! HTTPS: the server's certificate, whose CA certificate is written to files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::certificates::generate_certificates;
use super::trust_stores::TrustStores;
use crate::error::Error;

/// The server's certificate, and the file with the certificate of its CA.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    ca_file: PathBuf,
    trust_stores: TrustStores,
    /// The folder of the temporary files. It is removed when this is dropped.
    _folder: TempDir,
}

impl Tls {
    /// Generates a CA and a server certificate, also for more names, and writes the certificate of the CA to
    /// `ca_file` or, by default, to a temporary file. No private key is written.
    pub(crate) fn new(ca_file: Option<&Path>, more_names: &[String]) -> Result<Tls, Error> {
        let certificates =
            generate_certificates(more_names).map_err(|e| Error::Keys(e.to_string()))?;
        let folder = tempfile::Builder::new().prefix("descope-ml-").tempdir()?;
        let ca_file = match ca_file {
            // Programs that it is named to may run in other folders.
            Some(path) => std::path::absolute(path)?,
            None => folder.path().join("ca.pem"),
        };
        let ca_file_text = ca_file.to_str().ok_or_else(|| {
            let problem =
                "the path of the CA certificate must be UTF-8, so that other programs can be told";
            Error::Option(format!("{problem}: {}", ca_file.display()))
        })?;
        std::fs::write(&ca_file, certificates.ca_pem).map_err(|e| {
            Error::Option(format!(
                "cannot write the CA certificate to {}: {e}",
                ca_file.display()
            ))
        })?;
        let trust_stores = TrustStores::write(folder.path(), ca_file_text, &certificates.ca_der)?;
        Ok(Tls {
            acceptor: TlsAcceptor::from(Arc::new(certificates.server)),
            ca_file,
            trust_stores,
            _folder: folder,
        })
    }

    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    pub(crate) fn trust_stores(&self) -> &TrustStores {
        &self.trust_stores
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}
