//! PEM files of certificates (RFC 7468).
//!
//! The parser of `rustls-pki-types` is made for private keys and takes the same time for every text. For
//! a usual file with 145 certificates that is more than half of the instructions of a first call.
//! Certificates are not secret.

use memchr::memchr_iter;

use crate::base64;
use crate::memory;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";
/// An old name that OpenSSL still reads.
const BEGIN_X509: &[u8] = b"-----BEGIN X509 CERTIFICATE-----";
const END_X509: &[u8] = b"-----END X509 CERTIFICATE-----";
const BEGIN_TRUSTED: &[u8] = b"-----BEGIN TRUSTED CERTIFICATE-----";
const END_TRUSTED: &[u8] = b"-----END TRUSTED CERTIFICATE-----";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Certificate,
    /// OpenSSL's kind of certificate, with trust settings after it.
    TrustedCertificate,
}

/// A block of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) label: Label,
    pub(super) content: Vec<u8>,
}

/// The certificates of a file, in file order. Other text is ignored, and so is an invalid block. If memory runs
/// out, the rest is left out.
pub(super) fn blocks(file: &[u8]) -> impl Iterator<Item = Block> {
    let mut lines = lines(file);
    let mut text = Vec::new();
    let mut inside = None;
    std::iter::from_fn(move || {
        for line in lines.by_ref() {
            let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            match line.trim_ascii_end() {
                BEGIN | BEGIN_X509 => {
                    text.clear();
                    inside = Some(Label::Certificate);
                }
                BEGIN_TRUSTED => {
                    text.clear();
                    inside = Some(Label::TrustedCertificate);
                }
                END | END_X509 | END_TRUSTED => {
                    if memory::is_short() {
                        return None;
                    }
                    let content = base64::decode_standard(&text);
                    if let (Some(label), Some(content)) = (inside.take(), content) {
                        return Some(Block { label, content });
                    }
                }
                content if inside.is_some() => text.extend_from_slice(content),
                _ => {}
            }
        }
        None
    })
}

/// The lines of a text without line ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    let ends = memchr_iter(b'\n', text).chain([text.len()]);
    ends.map(move |end| {
        let line = text.get(start..end).unwrap_or_default();
        start = end + 1;
        line
    })
}

#[cfg(test)]
mod tests {
    use ::base64::Engine;
    use ::base64::prelude::BASE64_STANDARD;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;

    fn certificates(file: &[u8]) -> impl Iterator<Item = CertificateDer<'static>> {
        let certificates = blocks(file).filter(|block| block.label == Label::Certificate);
        certificates.map(|block| block.content.into())
    }

    /// Wraps bytes as a PEM certificate. The parser does not look at them.
    fn pem(content: &[u8], newline: &str) -> String {
        let text = BASE64_STANDARD.encode(content);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        let lines = lines.join(newline);
        format!(
            "-----BEGIN CERTIFICATE-----{newline}{lines}{newline}-----END CERTIFICATE-----{newline}"
        )
    }

    #[test]
    fn agrees_with_the_parser_of_rustls() {
        let (one, two) = (pem(&[0x30; 1000], "\n"), pem(&[1, 2, 3, 4], "\r\n"));
        let key = one.replace("CERTIFICATE", "PRIVATE KEY");
        let trusted = one.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
        for file in [
            String::new(),
            one.clone(),
            two.clone(),
            format!("{one}{two}"),
            format!("# Some CA\nIssuer: ...\n{one}\n\n{two}the end"),
            format!("{key}{one}{trusted}{two}{key}"),
            one.trim_end().to_owned(),
            one.replace("-----END", "-----KEND"),
            format!("-----END CERTIFICATE-----\n{two}"),
        ] {
            let library: Result<Vec<_>, _> =
                CertificateDer::pem_slice_iter(file.as_bytes()).collect();
            let ours: Vec<_> = certificates(file.as_bytes()).collect();
            assert_eq!(ours, library.unwrap_or_default(), "{file}");
        }
    }

    #[test]
    fn lines_are_split_at_line_feeds() {
        for text in ["", "\n", "one", "one\n", "one\ntwo\n\nfour"] {
            let expected: Vec<_> = text.split('\n').map(str::as_bytes).collect();
            assert_eq!(lines(text.as_bytes()).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn trailing_blanks_are_ignored() {
        let file = pem(&[7; 100], " \t\n");
        let found: Vec<_> = certificates(file.as_bytes()).collect();
        assert_eq!(found, [CertificateDer::from(vec![7; 100])]);
    }

    #[test]
    fn an_invalid_certificate_is_skipped() {
        let good = pem(&[7; 100], "\n");
        let broken = good.replacen("BwcH", "B?cH", 1);
        let cut: String = good
            .lines()
            .take(2)
            .map(|line| format!("{line}\n"))
            .collect();
        let mut file = format!("{broken}{good}{cut}{good}").into_bytes();
        file.extend_from_slice(b"\xff\xfe\n");
        file.extend_from_slice(good.as_bytes());
        let found: Vec<_> = certificates(&file).collect();
        assert_eq!(found, vec![CertificateDer::from(vec![7; 100]); 3]);
    }
}
