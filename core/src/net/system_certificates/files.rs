//! Linux and BSD: the CA certificates of the system are in files.

use std::path::Path;

use super::super::ca_certificates::CaCertificates;

/// Where systems have all certificates in one file. The first one that exists counts.
const SYSTEM_FILES: [&str; 7] = [
    // Debian, Arch, Gentoo.
    "/etc/ssl/certs/ca-certificates.crt",
    // Fedora, Red Hat.
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    // SUSE.
    "/etc/ssl/ca-bundle.pem",
    // Alpine, OpenBSD.
    "/etc/ssl/cert.pem",
    // FreeBSD.
    "/usr/local/etc/ssl/cert.pem",
    // Routers with Entware.
    "/opt/etc/ssl/certs/ca-certificates.crt",
];

/// Where systems have a file for each certificate.
const SYSTEM_DIRECTORIES: [&str; 3] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/usr/local/share/certs",
];

/// Reads the certificates of the system.
pub(crate) fn read() -> CaCertificates {
    let mut found = CaCertificates::default();
    if let Some(file) = SYSTEM_FILES
        .iter()
        .map(Path::new)
        .find(|path| path.exists())
    {
        found.add_file(file);
    }
    for directory in SYSTEM_DIRECTORIES {
        found.add_directory(Path::new(directory));
    }
    found
}
