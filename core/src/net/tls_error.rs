//! TLS errors in words: what is wrong and what to do. Never a `Debug` text.

use std::borrow::Cow;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

/// Describes an error. The same problem has the same text at any time and on any system.
pub(super) fn describe_tls_error(error: &TlsError) -> Cow<'static, str> {
    Cow::Borrowed(match error {
        TlsError::InvalidCertificate(error) => describe_certificate_error(error),
        TlsError::AlertReceived(alert) => return describe_alert(*alert),
        TlsError::PeerIncompatible(_) => {
            "the server supports neither TLS 1.2 nor TLS 1.3 with a common cipher suite: check `baseUrl`"
        }
        TlsError::InvalidMessage(_) => {
            "the response of the server is not TLS: check the scheme and port of `baseUrl`"
        }
        TlsError::NoCertificatesPresented => "the server sent no certificate: check `baseUrl`",
        TlsError::DecryptError | TlsError::PeerSentOversizedRecord => {
            "the server sent an invalid TLS record: check the network and `proxy`"
        }
        TlsError::FailedToGetRandomBytes => {
            "the system provided no random numbers: check the system"
        }
        TlsError::FailedToGetCurrentTime => {
            "the system provided no time: check the clock of this machine"
        }
        // Only a faulty server causes any other error.
        _ => "the server violated the TLS protocol: check `baseUrl` and `proxy`",
    })
}

fn describe_certificate_error(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired: check the clock of this machine"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet: check the clock of this machine"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is not valid for this host name: check `baseUrl`"
        }
        CertificateError::UnknownIssuer => {
            "the server's certificate is not signed by a trusted certificate authority: check `caFile` and `tlsRoots`"
        }
        CertificateError::Revoked => "the server's certificate was revoked: check `baseUrl`",
        CertificateError::BadSignature => {
            "the signature of the server's certificate is invalid: check `baseUrl` and `caFile`"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the server's certificate is not meant for a server: check `baseUrl` and `caFile`"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "the server's certificate uses an unsupported signature algorithm: the server needs another certificate"
        }
        CertificateError::BadEncoding | CertificateError::UnhandledCriticalExtension => {
            "the server's certificate cannot be parsed: the server needs another certificate"
        }
        CertificateError::Other(error) => describe_path_error(error.0.downcast_ref()),
        _ => "the server's certificate is invalid: check `baseUrl` and `caFile`",
    }
}

/// Errors of the certificate chain for which rustls has no variant.
fn describe_path_error(error: Option<&webpki::Error>) -> &'static str {
    match error {
        Some(webpki::Error::CaUsedAsEndEntity) => {
            "the server uses the certificate of a certificate authority as its own: the server needs another certificate"
        }
        Some(webpki::Error::EndEntityUsedAsCa) => {
            "the server's certificate is signed by one that is not a certificate authority: check `caFile`"
        }
        Some(webpki::Error::NameConstraintViolation) => {
            "the certificate authority may not sign certificates for this host name: check `baseUrl` and `caFile`"
        }
        Some(webpki::Error::UnsupportedCertVersion) => {
            "the server's certificate is not X.509 version 3: the server needs another certificate"
        }
        _ => "the chain of the server's certificate is invalid: check `baseUrl` and `caFile`",
    }
}

/// An error that the server reported (RFC 8446, 6.2).
fn describe_alert(alert: AlertDescription) -> Cow<'static, str> {
    let problem = match alert {
        AlertDescription::HandshakeFailure => {
            "the server accepts none of the offered cipher suites or requires a client certificate"
        }
        AlertDescription::InsufficientSecurity => {
            "the server accepts none of the offered cipher suites"
        }
        AlertDescription::ProtocolVersion => "the server accepts neither TLS 1.2 nor TLS 1.3",
        AlertDescription::UnrecognisedName => "the server does not know this host name",
        AlertDescription::CertificateRequired => {
            return Cow::Borrowed(
                "the server requires a client certificate (alert certificate_required): client certificates are not supported",
            );
        }
        AlertDescription::AccessDenied => "the server denied access",
        AlertDescription::InternalError => "the server reported an internal error",
        _ => "the server aborted the TLS connection",
    };
    Cow::Owned(match alert_name(alert) {
        Some(name) => format!("{problem} (alert {name}): check `baseUrl`"),
        None => format!("{problem} (alert {}): check `baseUrl`", u8::from(alert)),
    })
}

/// The name of an alert in RFC 8446, 6, by which documentation on TLS can be searched.
fn alert_name(alert: AlertDescription) -> Option<&'static str> {
    Some(match alert {
        AlertDescription::UnexpectedMessage => "unexpected_message",
        AlertDescription::BadRecordMac => "bad_record_mac",
        AlertDescription::RecordOverflow => "record_overflow",
        AlertDescription::HandshakeFailure => "handshake_failure",
        AlertDescription::BadCertificate => "bad_certificate",
        AlertDescription::UnsupportedCertificate => "unsupported_certificate",
        AlertDescription::CertificateRevoked => "certificate_revoked",
        AlertDescription::CertificateExpired => "certificate_expired",
        AlertDescription::CertificateUnknown => "certificate_unknown",
        AlertDescription::IllegalParameter => "illegal_parameter",
        AlertDescription::UnknownCA => "unknown_ca",
        AlertDescription::AccessDenied => "access_denied",
        AlertDescription::DecodeError => "decode_error",
        AlertDescription::DecryptError => "decrypt_error",
        AlertDescription::ProtocolVersion => "protocol_version",
        AlertDescription::InsufficientSecurity => "insufficient_security",
        AlertDescription::InternalError => "internal_error",
        AlertDescription::InappropriateFallback => "inappropriate_fallback",
        AlertDescription::MissingExtension => "missing_extension",
        AlertDescription::UnsupportedExtension => "unsupported_extension",
        AlertDescription::UnrecognisedName => "unrecognized_name",
        AlertDescription::BadCertificateStatusResponse => "bad_certificate_status_response",
        AlertDescription::UnknownPSKIdentity => "unknown_psk_identity",
        AlertDescription::NoApplicationProtocol => "no_application_protocol",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::UnixTime;
    use rustls::{OtherError, PeerIncompatible, PeerMisbehaved};

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
            TlsError::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
            TlsError::NoApplicationProtocol,
            TlsError::NoCertificatesPresented,
            TlsError::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            TlsError::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
            TlsError::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec),
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
}
