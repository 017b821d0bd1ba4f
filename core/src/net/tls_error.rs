//! TLS errors in words: what is wrong and what to do. Never a `Debug` text.

use std::borrow::Cow;

use rustls::{
    AlertDescription, CertificateError, Error as TlsError, InvalidMessage, PeerIncompatible,
    PeerMisbehaved,
};

/// Describes an error. The same problem has the same text at any time and on any system.
pub(super) fn describe_tls_error(error: &TlsError) -> Cow<'static, str> {
    Cow::Borrowed(match error {
        TlsError::InvalidCertificate(error) => describe_certificate_error(error),
        TlsError::AlertReceived(alert) => return describe_alert(*alert),
        TlsError::PeerIncompatible(problem) => return describe_incompatibility(problem),
        TlsError::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => "the response of the server is not TLS: check the scheme and port of `baseUrl`",
        TlsError::InvalidMessage(problem) => return violation(describe_message(problem)),
        TlsError::PeerMisbehaved(problem) => return violation(describe_misbehavior(problem)),
        TlsError::InappropriateMessage { .. } | TlsError::InappropriateHandshakeMessage { .. } => {
            return violation(UNEXPECTED_MESSAGE);
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
        _ => return violation(OTHER_VIOLATION),
    })
}

/// Describes an error of a proxy: what can be wrong with a server can be wrong with it as well.
pub(super) fn describe_proxy_tls_error(error: &TlsError) -> String {
    describe_tls_error(error)
        .replace("`baseUrl` and `proxy`", "`proxy`")
        .replace("`baseUrl`", "`proxy`")
        .replace("the server", "the proxy")
}

const UNEXPECTED_MESSAGE: &str = "unexpected message";
const OTHER_VIOLATION: &str = "unexpected behavior";

/// A violation of the protocol. Only a faulty server or something in between causes it.
fn violation(detail: &str) -> Cow<'static, str> {
    Cow::Owned(format!(
        "the server violated the TLS protocol ({detail}): check `baseUrl` and `proxy`"
    ))
}

/// A feature that the library requires and the server lacks.
fn describe_incompatibility(problem: &PeerIncompatible) -> Cow<'static, str> {
    Cow::Borrowed(match problem {
        PeerIncompatible::NoCipherSuitesInCommon
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => {
            "the server supports neither TLS 1.2 nor TLS 1.3 with a common cipher suite: check `baseUrl`"
        }
        PeerIncompatible::NoKxGroupsInCommon
        | PeerIncompatible::NoEcPointFormatsInCommon
        | PeerIncompatible::UncompressedEcPointsRequired => {
            "the server supports none of the offered key exchange groups: check `baseUrl`"
        }
        PeerIncompatible::NoSignatureSchemesInCommon => {
            "the server supports none of the offered signature algorithms: check `baseUrl`"
        }
        PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => {
            "the server requests a client certificate with an unsupported signature algorithm: client certificates are not supported"
        }
        PeerIncompatible::ExtendedMasterSecretExtensionRequired => {
            "the server does not support the extended master secret of TLS 1.2: check `baseUrl`"
        }
        PeerIncompatible::IncorrectCertificateTypeExtension
        | PeerIncompatible::UnsolicitedCertificateTypeExtension => {
            return violation("unexpected certificate type");
        }
        PeerIncompatible::ServerSentHelloRetryRequestWithUnknownExtension => {
            return violation("unknown extension");
        }
        _ => return violation("missing feature"),
    })
}

/// What is wrong with a message.
fn describe_message(problem: &InvalidMessage) -> &'static str {
    match problem {
        InvalidMessage::MessageTooLarge
        | InvalidMessage::HandshakePayloadTooLarge
        | InvalidMessage::CertificatePayloadTooLarge => "message too large",
        InvalidMessage::MessageTooShort | InvalidMessage::MissingData(_) => "message too short",
        InvalidMessage::TrailingData(_) => "unexpected data at the end of a message",
        InvalidMessage::InvalidEmptyPayload
        | InvalidMessage::IllegalEmptyList(_)
        | InvalidMessage::IllegalEmptyValue
        | InvalidMessage::EmptyTicketValue
        | InvalidMessage::NoSignatureSchemes => "empty value",
        InvalidMessage::DuplicateExtension(_) => "repeated extension",
        InvalidMessage::UnknownHelloRetryRequestExtension
        | InvalidMessage::UnknownCertificateExtension => "unknown extension",
        InvalidMessage::UnexpectedMessage(_) => UNEXPECTED_MESSAGE,
        InvalidMessage::UnsupportedCompression => "unsupported compression",
        InvalidMessage::InvalidDhParams
        | InvalidMessage::MissingKeyExchange
        | InvalidMessage::UnsupportedCurveType
        | InvalidMessage::UnsupportedKeyExchangeAlgorithm(_) => "unsupported key exchange",
        _ => "invalid message",
    }
}

/// What the server did wrong.
fn describe_misbehavior(problem: &PeerMisbehaved) -> &'static str {
    match problem {
        PeerMisbehaved::AttemptedDowngradeToTls12WhenTls13IsSupported => {
            "TLS 1.2 although the server supports TLS 1.3"
        }
        PeerMisbehaved::SelectedUnofferedCipherSuite
        | PeerMisbehaved::SelectedUnusableCipherSuiteForVersion => {
            "selected a cipher suite that was not offered"
        }
        PeerMisbehaved::SelectedUnofferedKxGroup | PeerMisbehaved::WrongGroupForKeyShare => {
            "selected a key exchange group that was not offered"
        }
        PeerMisbehaved::SelectedUnofferedApplicationProtocol => {
            "selected an application protocol that was not offered"
        }
        PeerMisbehaved::SelectedUnofferedCompression
        | PeerMisbehaved::SelectedUnofferedCertCompression => {
            "selected a compression that was not offered"
        }
        PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme
        | PeerMisbehaved::SignedKxWithWrongAlgorithm => {
            "used a signature algorithm that was not offered"
        }
        PeerMisbehaved::InvalidKeyShare | PeerMisbehaved::MissingKeyShare => "invalid key exchange",
        PeerMisbehaved::DuplicateEncryptedExtensions
        | PeerMisbehaved::DuplicateHelloRetryRequestExtensions
        | PeerMisbehaved::DuplicateNewSessionTicketExtensions
        | PeerMisbehaved::DuplicateServerHelloExtensions => "repeated extension",
        PeerMisbehaved::DisallowedEncryptedExtension
        | PeerMisbehaved::UnexpectedCleartextExtension
        | PeerMisbehaved::UnsolicitedCertExtension
        | PeerMisbehaved::UnsolicitedEchExtension
        | PeerMisbehaved::UnsolicitedEncryptedExtension
        | PeerMisbehaved::UnsolicitedSctList
        | PeerMisbehaved::UnsolicitedServerHelloExtension => "extension that was not offered",
        PeerMisbehaved::IllegalMiddleboxChangeCipherSpec
        | PeerMisbehaved::KeyEpochWithPendingFragment
        | PeerMisbehaved::MessageInterleavedWithHandshakeMessage => "messages in the wrong order",
        PeerMisbehaved::TooManyEmptyFragments
        | PeerMisbehaved::TooManyKeyUpdateRequests
        | PeerMisbehaved::TooManyRenegotiationRequests
        | PeerMisbehaved::TooManyWarningAlertsReceived => "too many messages of one kind",
        _ => OTHER_VIOLATION,
    }
}

fn describe_certificate_error(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired: check the clock of this machine"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet: check the clock of this machine"
        }
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "the server's certificate has no subjectAltName, and a host name in its common name does not count: the server needs another certificate"
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
mod tests;
