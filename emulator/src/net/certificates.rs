//! Certificates for HTTPS: a new CA for each start, and a server certificate for this machine.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The CA's certificate in both forms, and the configuration of the server.
pub(super) struct Certificates {
    pub(super) ca_pem: String,
    pub(super) ca_der: Vec<u8>,
    pub(super) server: ServerConfig,
}

/// Generates a CA and a server certificate for this machine, and for more names and addresses.
pub(super) fn generate_certificates(
    more_names: &[String],
) -> Result<Certificates, Box<dyn std::error::Error>> {
    // Some systems reject a server certificate that is valid for more than 825 days.
    let (from, until) = (
        OffsetDateTime::now_utc() - Duration::days(1),
        OffsetDateTime::now_utc() + Duration::days(365),
    );
    let mut ca = CertificateParams::default();
    (ca.not_before, ca.not_after) = (from, until);
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name
        .push(DnType::CommonName, "descope-ml-emulator temporary CA");
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let own_names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut server = CertificateParams::new([&own_names, more_names].concat())?;
    (server.not_before, server.not_after) = (from, until);
    server
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &ca)?;

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Certificates {
        ca_pem: ca.pem(),
        ca_der: ca.der().to_vec(),
        server: config,
    })
}
