//! Files of certificates as people have them: PEM, with or without a byte order mark, OpenSSL's "trusted
//! certificates", and DER.

use std::io::{self, Read};
use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::pem;
use crate::os;

/// The largest file that is read. A bundle of all public authorities has 0.2 MB.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The tags of DER elements (X.690).
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xa0;
const CONTEXT_3: u8 = 0xa3;
const BOOLEAN: u8 = 0x01;
const OCTET_STRING: u8 = 0x04;

/// The DER of the object identifier `basicConstraints`.
const BASIC_CONSTRAINTS: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x13];

/// The DER of the object identifiers `serverAuth` and `anyExtendedKeyUsage` (RFC 5280, 4.2.1.12).
const SERVER_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const ANY_USAGE: &[u8] = &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];

/// Reads a file. Opening or reading anything but a regular file could take forever.
///
/// # Errors
///
/// That of the system, or what is wrong with the file, as a sentence.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = os::open_file(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::other("it is a directory, not a file"));
    }
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut content = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
    match content.len() as u64 {
        0..=MAX_FILE_BYTES => Ok(content),
        _ => Err(io::Error::other(
            "it has more than 16 MiB: it is no file of certificates",
        )),
    }
}

/// The certificates of a file, in file order. Other text is ignored, and so is an invalid certificate.
pub(super) fn certificates(file: &[u8]) -> Vec<CertificateDer<'static>> {
    if let Some(certificate) = der_certificate(file) {
        return vec![certificate.to_vec().into()];
    }
    let blocks = pem::blocks(file).filter_map(|block| match block.label {
        pem::Label::Certificate => Some(block.content.into()),
        pem::Label::TrustedCertificate => {
            trusted_for_servers(&block.content).map(|certificate| certificate.to_vec().into())
        }
    });
    blocks.collect()
}

/// What a file without a certificate has instead, and what to do about it.
pub(super) fn describe(file: &[u8]) -> &'static str {
    let has = |text: &str| memchr::memmem::find(file, text.as_bytes()).is_some();
    if file.is_empty() {
        "it is empty"
    } else if file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff") {
        "it is UTF-16 text: save it as UTF-8"
    } else if has("CERTIFICATE REQUEST-----") {
        "it has a certificate request, no certificate"
    } else if has("-----BEGIN CERTIFICATE-----") || has("-----BEGIN TRUSTED CERTIFICATE-----") {
        "its certificate cannot be read: it was cut or changed, or is not meant for servers"
    } else if has("PRIVATE KEY-----") {
        "it has a private key, no certificate"
    } else if has("-----BEGIN PKCS7-----") {
        "it is in PKCS #7: convert it with `openssl pkcs7 -print_certs`"
    } else if file.first() == Some(&SEQUENCE) {
        "it is binary, but not a certificate in DER: convert PKCS #12 with `openssl pkcs12 -nokeys`"
    } else {
        "it has no certificate"
    }
}

/// A file that is one certificate in DER: a sequence whose first element is a sequence too. Keys and
/// PKCS #12 files begin with a number.
fn der_certificate(file: &[u8]) -> Option<&[u8]> {
    let (certificate, content, rest) = split_element(file, SEQUENCE)?;
    let is_certificate = content.first() == Some(&SEQUENCE) && rest.trim_ascii().is_empty();
    is_certificate.then_some(certificate)
}

/// The certificate in a "trusted certificate" of OpenSSL (`X509_CERT_AUX`): for which uses it is trusted
/// comes after it. `None` if that excludes servers.
fn trusted_for_servers(bytes: &[u8]) -> Option<&[u8]> {
    let (certificate, _, settings) = split_element(bytes, SEQUENCE)?;
    if settings.is_empty() {
        return Some(certificate);
    }
    let (_, settings, _) = split_element(settings, SEQUENCE)?;
    let (trusted, rest) = split_optional_element(settings, SEQUENCE)?;
    let (rejected, _) = split_optional_element(rest, CONTEXT_0)?;
    let has_servers = |uses: &[u8]| {
        let has = |usage: &[u8]| uses.windows(usage.len()).any(|one| one == usage);
        has(SERVER_AUTH) || has(ANY_USAGE)
    };
    let is_trusted = trusted.is_none_or(has_servers) && !rejected.is_some_and(has_servers);
    is_trusted.then_some(certificate)
}

/// Whether a certificate says that it is not one of a certificate authority (RFC 5280, 4.2.1.9).
pub(super) fn is_end_entity(certificate: &[u8]) -> bool {
    basic_constraints(certificate).is_some_and(|constraints| {
        // `cA` is false unless it is given.
        !split_element(constraints, SEQUENCE)
            .is_some_and(|(_, content, _)| content.starts_with(&[BOOLEAN, 1, 0xff]))
    })
}

/// The content of the extension `basicConstraints` (RFC 5280, 4.1).
fn basic_constraints(certificate: &[u8]) -> Option<&[u8]> {
    let (_, certificate, _) = split_element(certificate, SEQUENCE)?;
    let (_, mut fields, _) = split_element(certificate, SEQUENCE)?;
    while fields.first() != Some(&CONTEXT_3) {
        (_, _, fields) = split_element(fields, *fields.first()?)?;
    }
    let (_, extensions, _) = split_element(fields, CONTEXT_3)?;
    let (_, mut extensions, _) = split_element(extensions, SEQUENCE)?;
    loop {
        let (_, extension, rest) = split_element(extensions, SEQUENCE)?;
        if let Some(content) = extension.strip_prefix(BASIC_CONSTRAINTS) {
            let (_, content) = split_optional_element(content, BOOLEAN)?;
            return split_element(content, OCTET_STRING).map(|(_, content, _)| content);
        }
        extensions = rest;
    }
}

/// The content of the first DER element if it has this tag, and what follows it. `None` if it is cut.
fn split_optional_element(bytes: &[u8], tag: u8) -> Option<(Option<&[u8]>, &[u8])> {
    if bytes.first() != Some(&tag) {
        return Some((None, bytes));
    }
    let (_, content, rest) = split_element(bytes, tag)?;
    Some((Some(content), rest))
}

/// Splits off the first DER element, which must have this tag: the whole element, its content, and what
/// follows it.
fn split_element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // A length of one to three bytes.
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let add = |sum: usize, byte: &u8| (sum << 8) | usize::from(*byte);
            (length.iter().fold(0, add), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - rest.len())?;
    (found == tag).then_some((whole, content, rest))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        made.unwrap().cert.der().to_vec()
    }

    fn sequence(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn pem(label: &str, content: &[u8]) -> String {
        let text = BASE64_STANDARD.encode(content);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    }

    #[test]
    fn the_usual_kinds_of_files_are_read() {
        let der = certificate();
        let text = pem("CERTIFICATE", &der);
        let with_mark = format!("\u{feff}{text}");
        let old_name = pem("X509 CERTIFICATE", &der);
        let trusted = pem("TRUSTED CERTIFICATE", &der);
        for file in [
            der.as_slice(),
            text.as_bytes(),
            with_mark.as_bytes(),
            trusted.as_bytes(),
            old_name.as_bytes(),
        ] {
            assert_eq!(certificates(file), [CertificateDer::from(der.clone())]);
        }
    }

    #[test]
    fn trust_settings_of_openssl_count() {
        let der = certificate();
        let email = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04][..];
        let name = sequence(0x0c, b"Some CA");
        let uses = |tag, uses: &[&[u8]]| sequence(tag, &uses.concat());
        for (settings, is_trusted) in [
            (name.clone(), true),
            (uses(SEQUENCE, &[email, SERVER_AUTH]), true),
            ([uses(SEQUENCE, &[ANY_USAGE]), name].concat(), true),
            (uses(SEQUENCE, &[email]), false),
            (uses(CONTEXT_0, &[SERVER_AUTH]), false),
            (uses(CONTEXT_0, &[email]), true),
            (
                [
                    uses(SEQUENCE, &[SERVER_AUTH]),
                    uses(CONTEXT_0, &[ANY_USAGE]),
                ]
                .concat(),
                false,
            ),
        ] {
            let with_settings = [der.clone(), sequence(SEQUENCE, &settings)].concat();
            let file = pem("TRUSTED CERTIFICATE", &with_settings);
            let expected = is_trusted.then(|| CertificateDer::from(der.clone()));
            assert_eq!(
                certificates(file.as_bytes()),
                Vec::from_iter(expected),
                "{settings:?}"
            );
        }
    }

    #[test]
    fn damaged_trust_settings_do_not_count_as_none() {
        for settings in [
            &[SEQUENCE, 9, 1][..],
            &[SEQUENCE, 2, SEQUENCE, 9],
            &[2, 1, 0],
        ] {
            let file = pem("TRUSTED CERTIFICATE", &[&certificate(), settings].concat());
            assert!(certificates(file.as_bytes()).is_empty());
        }
    }

    #[test]
    fn certificates_say_whether_they_are_those_of_an_authority() {
        use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
        for (is_ca, expected) in [
            (IsCa::NoCa, false),
            (IsCa::ExplicitNoCa, true),
            (IsCa::Ca(BasicConstraints::Unconstrained), false),
            (IsCa::Ca(BasicConstraints::Constrained(1)), false),
        ] {
            let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
            parameters.is_ca = is_ca;
            let key = KeyPair::generate().unwrap();
            let certificate = parameters.self_signed(&key).unwrap();
            assert_eq!(is_end_entity(certificate.der()), expected);
        }
        assert!(!is_end_entity(b"\x30\x03\x30\x01\x02"));
    }

    #[test]
    fn other_files_have_no_certificate_and_are_described() {
        let utf_16: Vec<u8> = "\u{feff}-----BEGIN CERTIFICATE-----\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let cut = pem("CERTIFICATE", &certificate()).replace("-----END", "");
        for (file, words) in [
            (&b""[..], "empty"),
            (&utf_16, "UTF-16"),
            (pem("CERTIFICATE REQUEST", b"x").as_bytes(), "request"),
            (pem("RSA PRIVATE KEY", b"x").as_bytes(), "private key"),
            (pem("PKCS7", b"x").as_bytes(), "PKCS #7"),
            (cut.as_bytes(), "was cut"),
            (&[SEQUENCE, 3, 2, 1, 3], "PKCS #12"),
            (b"<html>", "has no certificate"),
        ] {
            assert!(certificates(file).is_empty());
            assert!(
                describe(file).contains(words),
                "{words}: {}",
                describe(file)
            );
        }
    }

    #[test]
    fn lengths_that_are_too_long_are_no_elements() {
        for bytes in [
            &[][..],
            &[SEQUENCE],
            &[SEQUENCE, 1],
            &[SEQUENCE, 0x80],
            &[SEQUENCE, 0x82, 1],
            &[SEQUENCE, 0x83, 0xff, 0xff, 0xff, 0],
            &[SEQUENCE, 0x84, 0, 0, 0, 0],
            &[CONTEXT_0, 0],
        ] {
            assert!(split_element(bytes, SEQUENCE).is_none());
        }
        let long = sequence(SEQUENCE, &[7; 0x7f]);
        let (whole, content, rest) = split_element(&long, SEQUENCE).unwrap();
        assert_eq!(
            (whole, content.len(), rest.len()),
            (long.as_slice(), 0x7f, 0)
        );
    }
}
