//! macOS: the CA certificates of the system are in its keychain.

use super::super::ca_certificates::CaCertificates;

/// Reads the certificates of the system.
pub(crate) fn read() -> CaCertificates {
    let certificates = rustls_native_certs::load_native_certs().certs;
    CaCertificates::from(certificates)
}
