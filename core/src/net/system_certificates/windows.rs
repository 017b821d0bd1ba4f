//! Windows: the CA certificates of the system are in a certificate store of the user, which includes those of the
//! machine.

use rustls::pki_types::CertificateDer;
use schannel::cert_context::{CertContext, ValidUses};
use schannel::cert_store::CertStore;

use super::super::ca_certificates::CaCertificates;

/// The object identifier of `serverAuth` (RFC 5280, 4.2.1.12).
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

/// Reads the certificates of the system. Not by `rustls-native-certs`, which also reads environment variables.
pub(crate) fn read() -> CaCertificates {
    let Ok(store) = CertStore::open_current_user("ROOT") else {
        return CaCertificates::default();
    };
    let trusted = store.certs().filter(is_for_servers);
    let certificates: Vec<_> = trusted
        .map(|certificate| CertificateDer::from(certificate.to_der().to_vec()))
        .collect();
    CaCertificates::from(certificates)
}

/// Whether the store trusts the certificate to sign those of servers.
fn is_for_servers(certificate: &CertContext) -> bool {
    match certificate.valid_uses() {
        Ok(ValidUses::All) => true,
        Ok(ValidUses::Oids(uses)) => uses.iter().any(|usage| usage == SERVER_AUTH),
        Err(_) => false,
    }
}
