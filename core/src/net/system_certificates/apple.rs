//! macOS: the CA certificates of the system are in its keychains.

use std::collections::HashMap;

use rustls::pki_types::CertificateDer;
use security_framework::trust_settings::{Domain, TrustSettings, TrustSettingsForCertificate};

use super::super::ca_certificates::CaCertificates;

/// Whose settings count, the most important first.
const DOMAINS: [Domain; 3] = [Domain::User, Domain::Admin, Domain::System];

/// Reads the certificates of the system. Not by `rustls-native-certs`, which also reads environment variables.
pub(crate) fn read() -> CaCertificates {
    let mut is_trusted: HashMap<Vec<u8>, bool> = HashMap::new();
    for domain in DOMAINS {
        let settings = TrustSettings::new(domain);
        // A domain without settings is an error.
        let Ok(certificates) = settings.iter() else {
            continue;
        };
        for certificate in certificates {
            let Ok(trust) = settings.tls_trust_settings_for_certificate(&certificate) else {
                continue;
            };
            // No settings for TLS mean that the certificate is trusted.
            let trust = trust.unwrap_or(TrustSettingsForCertificate::TrustRoot);
            let is_root = matches!(
                trust,
                TrustSettingsForCertificate::TrustRoot | TrustSettingsForCertificate::TrustAsRoot
            );
            is_trusted.entry(certificate.to_der()).or_insert(is_root);
        }
    }
    let trusted = is_trusted.into_iter().filter(|(_, is_root)| *is_root);
    let certificates: Vec<_> = trusted
        .map(|(certificate, _)| CertificateDer::from(certificate))
        .collect();
    CaCertificates::from(certificates)
}
