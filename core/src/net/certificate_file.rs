//! Files of certificates as people have them: PEM, with or without a byte order mark, OpenSSL's "trusted
//! certificates", and DER.

use rustls::pki_types::CertificateDer;

use super::pem;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The tags of DER elements (X.690).
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xa0;

/// The DER of the object identifiers `serverAuth` and `anyExtendedKeyUsage` (RFC 5280, 4.2.1.12).
const SERVER_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const ANY_USAGE: &[u8] = &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];

/// The certificates of a file, in file order. Other text is ignored, and so is an invalid certificate.
pub(super) fn certificates(file: &[u8]) -> Vec<CertificateDer<'static>> {
    if let Some(certificate) = der_certificate(file) {
        return vec![certificate.to_vec().into()];
    }
    let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
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
    let Some((_, settings, _)) = split_element(settings, SEQUENCE) else {
        return Some(certificate);
    };
    let (trusted, rest) = match split_element(settings, SEQUENCE) {
        Some((_, uses, rest)) => (Some(uses), rest),
        None => (None, settings),
    };
    let rejected = split_element(rest, CONTEXT_0).map(|(_, uses, _)| uses);
    let has_servers = |uses: &[u8]| {
        let has = |usage: &[u8]| uses.windows(usage.len()).any(|one| one == usage);
        has(SERVER_AUTH) || has(ANY_USAGE)
    };
    let is_trusted = trusted.is_none_or(has_servers) && !rejected.is_some_and(has_servers);
    is_trusted.then_some(certificate)
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
        let trusted = pem("TRUSTED CERTIFICATE", &der);
        for file in [
            der.as_slice(),
            text.as_bytes(),
            with_mark.as_bytes(),
            trusted.as_bytes(),
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
