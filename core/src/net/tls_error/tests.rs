//! Every TLS error is described in words that name the problem.

use std::sync::Arc;

use rustls::pki_types::UnixTime;
use rustls::{HandshakeType, OtherError};

use super::*;

fn certificate_errors() -> Vec<CertificateError> {
    let time = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
    let other = |error: webpki::Error| CertificateError::Other(OtherError(Arc::new(error)));
    vec![
        CertificateError::ApplicationVerificationFailure,
        CertificateError::BadEncoding,
        CertificateError::BadSignature,
        CertificateError::Expired,
        CertificateError::ExpiredContext {
            time,
            not_after: time,
        },
        CertificateError::ExpiredRevocationList,
        CertificateError::InvalidOcspResponse,
        CertificateError::InvalidPurpose,
        CertificateError::NotValidForName,
        CertificateError::NotValidYet,
        CertificateError::Revoked,
        CertificateError::UnhandledCriticalExtension,
        CertificateError::UnknownIssuer,
        CertificateError::UnknownRevocationStatus,
        CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![42],
            supported_algorithms: Vec::new(),
        },
        other(webpki::Error::CaUsedAsEndEntity),
        other(webpki::Error::EndEntityUsedAsCa),
        other(webpki::Error::MalformedExtensions),
        other(webpki::Error::MaximumPathDepthExceeded),
        other(webpki::Error::NameConstraintViolation),
        other(webpki::Error::PathLenConstraintViolated),
        other(webpki::Error::SignatureAlgorithmMismatch),
        other(webpki::Error::UnsupportedCertVersion),
        CertificateError::Other(OtherError(Arc::new(std::fmt::Error))),
    ]
}

fn tls_errors() -> impl Iterator<Item = TlsError> {
    let others = vec![
        TlsError::BadMaxFragmentSize,
        TlsError::DecryptError,
        TlsError::EncryptError,
        TlsError::FailedToGetCurrentTime,
        TlsError::FailedToGetRandomBytes,
        TlsError::General("SomeDetail { field: 1 }".to_owned()),
        TlsError::HandshakeNotComplete,
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType),
        TlsError::InvalidMessage(InvalidMessage::MissingData("SessionID")),
        TlsError::NoApplicationProtocol,
        TlsError::NoCertificatesPresented,
        TlsError::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
        TlsError::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
        TlsError::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon),
        TlsError::PeerIncompatible(PeerIncompatible::KeyShareExtensionRequired),
        TlsError::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec),
        TlsError::PeerMisbehaved(PeerMisbehaved::IncorrectBinder),
        TlsError::PeerSentOversizedRecord,
        TlsError::UnsupportedNameType,
        TlsError::Other(OtherError(Arc::new(std::fmt::Error))),
    ];
    let alerts = (0..=u8::MAX).map(|code| TlsError::AlertReceived(code.into()));
    let certificates = certificate_errors().into_iter();
    let certificates = certificates.map(TlsError::InvalidCertificate);
    others.into_iter().chain(alerts).chain(certificates)
}

/// Whether a word is written like a Rust type, such as `BadSignature`.
fn is_camel_case(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase)
        && word.chars().any(char::is_lowercase)
        && chars.any(char::is_uppercase)
}

#[test]
fn descriptions_are_words_and_no_debug_text() {
    for error in tls_errors() {
        let text = describe_tls_error(&error);
        let words = text.split(|c: char| !c.is_alphanumeric());
        assert_eq!(
            words.filter(|word| is_camel_case(word)).count(),
            0,
            "{text}"
        );
        assert!(
            !text.contains(['{', '}', '\n']) && !text.contains("::"),
            "{text}"
        );
        assert!(text.len() > 20, "{text}");
    }
}

#[test]
fn descriptions_name_the_problem() {
    let inappropriate = TlsError::InappropriateHandshakeMessage {
        expect_types: vec![HandshakeType::ServerHello],
        got_type: HandshakeType::Finished,
    };
    for (error, part) in [
        (
            PeerIncompatible::NoCipherSuitesInCommon.into(),
            "neither TLS 1.2 nor TLS 1.3",
        ),
        (
            PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            "neither TLS 1.2 nor TLS 1.3",
        ),
        (
            PeerIncompatible::NoKxGroupsInCommon.into(),
            "none of the offered key exchange groups",
        ),
        (
            PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon.into(),
            "client certificates are not supported",
        ),
        (
            PeerIncompatible::KeyShareExtensionRequired.into(),
            "violated the TLS protocol (missing feature)",
        ),
        (InvalidMessage::InvalidContentType.into(), "is not TLS"),
        (InvalidMessage::UnknownProtocolVersion.into(), "is not TLS"),
        (
            InvalidMessage::MessageTooLarge.into(),
            "violated the TLS protocol (message too large)",
        ),
        (
            InvalidMessage::MissingData("SessionID").into(),
            "violated the TLS protocol (message too short)",
        ),
        (
            InvalidMessage::InvalidCcs.into(),
            "violated the TLS protocol (invalid message)",
        ),
        (
            PeerMisbehaved::SelectedUnofferedCipherSuite.into(),
            "(selected a cipher suite that was not offered)",
        ),
        (
            PeerMisbehaved::IncorrectBinder.into(),
            "violated the TLS protocol (unexpected behavior)",
        ),
        (
            inappropriate,
            "violated the TLS protocol (unexpected message)",
        ),
    ] {
        let text = describe_tls_error(&error);
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn descriptions_of_proxies_blame_no_server() {
    for error in tls_errors() {
        let text = describe_proxy_tls_error(&error);
        assert!(
            !text.contains("the server") && !text.contains("baseUrl"),
            "{text}"
        );
        assert!(!text.contains("`proxy` and `proxy`"), "{text}");
    }
    let expired = TlsError::InvalidCertificate(CertificateError::Expired);
    assert_eq!(
        describe_proxy_tls_error(&expired),
        "the proxy's certificate has expired: check the clock of this machine"
    );
}
