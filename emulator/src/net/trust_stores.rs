//! Files by which Java and PHP trust the emulator's CA: neither reads a PEM file that an environment variable
//! names.

use std::io;
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// The password that Java's tools use by default. Java needs none to read certificates.
const PASSWORD: &str = "changeit";

/// What the checksum of a key store is salted with.
const SALT: &[u8] = b"Mighty Aphrodite";

/// The start of a key store, and the version of its format.
const MAGIC: [u8; 8] = [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2];

/// The tag of a trusted certificate.
const TRUSTED_CERTIFICATE: u32 = 2;

/// The written files.
pub(crate) struct TrustStores {
    /// A key store (JKS) for `javax.net.ssl.trustStore`.
    pub(crate) java: PathBuf,
    /// A folder with an ini file for `PHP_INI_SCAN_DIR`.
    pub(crate) php: PathBuf,
}

impl TrustStores {
    /// Writes the files into a folder.
    pub(super) fn write(folder: &Path, ca_file: &str, ca_der: &[u8]) -> io::Result<TrustStores> {
        let java = folder.join("ca.jks");
        std::fs::write(&java, key_store(ca_der)?)?;
        let php = folder.join("php");
        std::fs::create_dir(&php)?;
        let ca_file = ini_quoted(ca_file);
        let settings = format!("openssl.cafile={ca_file}\ncurl.cainfo={ca_file}\n");
        std::fs::write(php.join("descope-ml-emulator.ini"), settings)?;
        Ok(TrustStores { java, php })
    }
}

/// A text as PHP reads it from an ini file. Between single quotes, every other character stands for itself. A
/// single quote stands between double quotes, where `${…}` would be replaced.
fn ini_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r#"'"'"'"#))
}

/// A key store in Java's own format, with one trusted certificate.
fn key_store(certificate: &[u8]) -> io::Result<Vec<u8>> {
    let mut store = MAGIC.to_vec();
    let count: u32 = 1;
    store.extend(count.to_be_bytes());
    store.extend(TRUSTED_CERTIFICATE.to_be_bytes());
    push_text(&mut store, "descope-ml-emulator")?;
    let created: u64 = 0;
    store.extend(created.to_be_bytes());
    push_text(&mut store, "X.509")?;
    let length = u32::try_from(certificate.len()).map_err(io::Error::other)?;
    store.extend(length.to_be_bytes());
    store.extend(certificate);
    let mut checksum = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for unit in PASSWORD.encode_utf16() {
        checksum.update(&unit.to_be_bytes());
    }
    checksum.update(SALT);
    checksum.update(&store);
    store.extend(checksum.finish().as_ref());
    Ok(store)
}

/// Appends a text with its length.
fn push_text(store: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let length = u16::try_from(text.len()).map_err(io::Error::other)?;
    store.extend(length.to_be_bytes());
    store.extend(text.as_bytes());
    Ok(())
}
