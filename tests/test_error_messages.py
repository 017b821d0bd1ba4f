"""TLS and I/O errors that real servers cause have plain messages that name the problem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Certificates
from support.faces import SIGN_IN_SMS, Call, Face
from support.failing_servers import (
    Server,
    Setting,
    as_proxy,
    closed_port,
    closed_proxy,
    configured_tls_server,
    full_port,
    greeting_server,
    invalid_tls_server,
    offer_old_cipher,
    proxy,
    raw_server,
    require_client_certificate,
    require_client_certificate_tls_1_2,
    scripted_server,
    silent_handshake,
    tls_server,
    unknown_host,
)
from support.messages import check_message
from support.raw_server import tls_1_2_handshake, tls_alert

FACES = ("rust", "c", "c-queue", "python", "python-asyncio", "python-trio")

NETWORK, TLS, TIMEOUT, PROTOCOL = 10, 11, 12, 13

# Fatal alerts by their code (RFC 8446, 6.2), with a part of the message.
ALERTS = {
    10: "(alert unexpected_message)",
    20: "(alert bad_record_mac)",
    22: "(alert record_overflow)",
    40: "requires a client certificate (alert handshake_failure)",
    42: "(alert bad_certificate)",
    43: "(alert unsupported_certificate)",
    44: "(alert certificate_revoked)",
    45: "(alert certificate_expired)",
    46: "(alert certificate_unknown)",
    47: "(alert illegal_parameter)",
    48: "(alert unknown_ca)",
    49: "denied access (alert access_denied)",
    50: "(alert decode_error)",
    51: "(alert decrypt_error)",
    70: "neither TLS 1.2 nor TLS 1.3 (alert protocol_version)",
    71: "none of the offered cipher suites (alert insufficient_security)",
    80: "internal error (alert internal_error)",
    86: "(alert inappropriate_fallback)",
    109: "(alert missing_extension)",
    110: "(alert unsupported_extension)",
    112: "does not know this host name (alert unrecognized_name)",
    113: "(alert bad_certificate_status_response)",
    115: "(alert unknown_psk_identity)",
    116: "requires a client certificate (alert certificate_required)",
    120: "(alert no_application_protocol)",
    255: "(alert 255)",
}

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

# The errors by their status and outcome: each with a server that causes it, and the part of the
# message that names the problem.
ERRORS: dict[tuple[int, str], dict[str, tuple[Server, str]]] = {
    (TLS, "not_sent"): {
        "expired_certificate": (tls_server("expired"), "has expired"),
        "future_certificate": (tls_server("notYet"), "is not valid yet"),
        "certificate_of_another_host": (tls_server("otherName"), "not valid for this host name"),
        "unknown_ca": (
            tls_server("good", trusted=False),
            "not signed by a trusted certificate authority",
        ),
        "self_signed_certificate": (
            invalid_tls_server("self_signed"),
            "not signed by a trusted certificate authority",
        ),
        "certificate_that_is_not_der": (
            raw_server(tls_1_2_handshake(b"not a certificate")),
            "the server's certificate cannot be parsed",
        ),
        "tls_1_2_server_without_a_certificate": (
            raw_server(tls_1_2_handshake()),
            "sent no certificate",
        ),
        "ca_certificate_as_server_certificate": (
            invalid_tls_server("ca_as_server"),
            "uses the certificate of a certificate authority as its own",
        ),
        "server_certificate_as_ca_certificate": (
            invalid_tls_server("server_as_ca"),
            "signed by one that is not a certificate authority",
        ),
        "certificate_for_clients": (invalid_tls_server("client_purpose"), "not meant for a server"),
        "host_excluded_by_name_constraints": (
            invalid_tls_server("excluded_host"),
            "may not sign certificates for this host name",
        ),
        "invalid_signature": (
            invalid_tls_server("wrong_signature"),
            "the signature of the server's certificate is invalid",
        ),
        "unsupported_signature_algorithm": (
            invalid_tls_server("unsupported_algorithm"),
            "unsupported signature algorithm",
        ),
        "certificate_of_version_1": (invalid_tls_server("version_1"), "is not X.509 version 3"),
        "required_client_certificate_with_tls_1_2": (
            configured_tls_server(require_client_certificate_tls_1_2),
            "requires a client certificate (alert handshake_failure)",
        ),
        "tls_1_1": (tls_server("older"), "neither TLS 1.2 nor TLS 1.3"),
        "no_common_cipher_suite": (
            configured_tls_server(offer_old_cipher),
            "alert handshake_failure",
        ),
        "http_instead_of_tls": (
            raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "the response of the server is not TLS",
        ),
        "ssh_instead_of_tls": (
            raw_server(b"SSH-2.0-OpenSSH_9.6\r\n"),
            "the response of the server is not TLS",
        ),
        "oversized_tls_record": (
            raw_server(b"\x16\x03\x03\xff\xff" + b"x" * 100),
            "message too large",
        ),
        "invalid_handshake_message": (
            raw_server(b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\x00\x00"),
            "violated the TLS protocol (message too short)",
        ),
        "unexpected_tls_message": (
            raw_server(b"\x17\x03\x03\x00\x01x"),
            "violated the TLS protocol",
        ),
        "expired_certificate_of_a_proxy": (
            as_proxy(tls_server("expired"), "https"),
            "TLS with the proxy failed: the proxy's certificate has expired",
        ),
        "certificate_of_a_proxy_for_another_host": (
            as_proxy(tls_server("otherName"), "https"),
            "the proxy's certificate is not valid for this host name: check `proxy`",
        ),
        "unknown_ca_of_a_proxy": (
            as_proxy(tls_server("good", trusted=False), "https"),
            "the proxy's certificate is not signed by a trusted certificate authority",
        ),
        "proxy_that_requires_a_client_certificate": (
            as_proxy(configured_tls_server(require_client_certificate), "https"),
            "TLS with the proxy failed: the proxy requires a client certificate",
        ),
        "ssh_instead_of_a_proxy_with_tls": (
            as_proxy(raw_server(b"SSH-2.0-OpenSSH_9.6\r\n"), "https"),
            "the response of the proxy is not TLS: check the scheme and port of `proxy`",
        ),
        **{f"alert_{code}": (raw_server(tls_alert(code)), text) for code, text in ALERTS.items()},
    },
    (TLS, "unknown"): {
        "required_client_certificate": (
            configured_tls_server(require_client_certificate),
            "requires a client certificate",
        ),
    },
    (NETWORK, "not_sent"): {
        "truncated_tls_record": (
            raw_server(b"\x16\x03\x03\x40\x00\x02\x00"),
            "connection closed by the peer",
        ),
        "close_notify_instead_of_handshake": (
            raw_server(b"\x15\x03\x03\x00\x02\x01\x00"),
            "connection closed by the peer",
        ),
        "refused_connection": (closed_port, "connection refused"),
        "tls_handshake_closed": (greeting_server("close", tls=True), "could not connect"),
        "tls_handshake_reset": (greeting_server("reset", tls=True), "connection reset by the peer"),
        "unknown_host": (unknown_host, "could not resolve the host name"),
        "proxy_403": (proxy("HTTP/1.1 403 No\r\n\r\n"), "HTTP 403"),
        "proxy_407": (
            proxy("HTTP/1.1 407 No\r\n\r\n"),
            "the proxy requires a user name and password",
        ),
        "proxy_502": (proxy("HTTP/1.1 502 No\r\n\r\n"), "HTTP 502"),
        "proxy_without_http": (
            proxy("SSH-2.0-OpenSSH_9.6\r\n\r\n"),
            "the proxy did not respond like an HTTP proxy",
        ),
        "https_proxy_without_tunnels": (
            as_proxy(scripted_server({"status": 403}, tls=True), "https"),
            "HTTP 403",
        ),
        "ssh_instead_of_socks": (
            as_proxy(raw_server(b"SSH-2.0-OpenSSH_9.6\r\n"), "socks5h"),
            "the proxy did not respond like a SOCKS 5 proxy",
        ),
        "socks_proxy_that_closes": (
            as_proxy(raw_server(b""), "socks5h"),
            "the proxy did not respond like a SOCKS 5 proxy",
        ),
        "refusing_socks_proxy": (as_proxy(closed_port, "socks5h"), "connection refused"),
        "proxy_that_closes": (proxy("drop"), "could not connect"),
        "refusing_proxy": (closed_proxy, "connection refused"),
    },
    (NETWORK, "unknown"): {
        "request_unread_and_reset": (
            greeting_server("reset", tls=False),
            "connection reset by the peer",
        ),
        "closed_after_the_request": (
            scripted_server({"instead": "close"}),
            "connection closed by the peer",
        ),
        "reset_after_the_request": (
            scripted_server({"instead": "reset"}),
            "connection reset by the peer",
        ),
        "closed_after_the_request_with_tls": (
            scripted_server({"instead": "close"}, tls=True),
            "connection closed by the peer",
        ),
        "reset_after_the_request_with_tls": (
            scripted_server({"instead": "reset"}, tls=True),
            "connection reset by the peer",
        ),
    },
    (TIMEOUT, "not_sent"): {
        "connect_timeout": (full_port, "connecting timed out"),
        "timeout_during_the_handshake": (silent_handshake, "timed out before the request was sent"),
    },
    (TIMEOUT, "unknown"): {
        "timeout_while_sending": (
            scripted_server({"takes": 1000, "instead": "stop"}, timeoutMs=300),
            "timed out while",
        ),
        "timeout_while_waiting": (
            scripted_server({"instead": "silence"}, timeoutMs=200),
            "timed out while waiting for the response",
        ),
        "timeout_within_the_response": (
            scripted_server({"stall": 3}, timeoutMs=200),
            "timed out while waiting for the response",
        ),
    },
    (PROTOCOL, "unknown"): {
        "invalid_status_line": (scripted_server({"raw": "HELLO\r\n\r\n"}), "not valid HTTP"),
        "invalid_status_code": (
            scripted_server({"raw": "HTTP/1.1 ABC OK\r\n\r\n"}),
            "not valid HTTP",
        ),
        "unsupported_http_version": (scripted_server({"version": "HTTP/2.0"}), "not valid HTTP"),
        "invalid_header": (
            scripted_server({"raw": f"{HEAD}broken header: x\r\n\r\n"}),
            "not valid HTTP",
        ),
        "invalid_content_length": (
            scripted_server({"raw": f"{HEAD}Content-Length: x\r\n\r\n"}),
            "not valid HTTP",
        ),
        "invalid_chunk": (
            scripted_server({"raw": f"{HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n"}),
            "not valid HTTP",
        ),
        "headers_over_the_limit": (
            scripted_server({"headers": {"X-Long": "x" * 100_000}}),
            "headers exceed the limit",
        ),
        "too_many_headers": (
            scripted_server({"headers": {"X-Short": ["y"] * 200}}),
            "more than 128 headers",
        ),
        "body_over_the_limit": (
            scripted_server({"body": "x", "repeat": 2_000_000}),
            "body exceeds the limit",
        ),
        "truncated_headers": (
            scripted_server({"raw": HEAD}),
            "closed before the response was complete",
        ),
        "truncated_body": (scripted_server({"cut": 5}), "closed before the response was complete"),
        "truncated_body_with_tls": (
            scripted_server({"cut": 5}, tls=True),
            "closed before the response was complete",
        ),
        "body_that_is_not_json": (scripted_server({"body": "<html>"}), "JSON"),
    },
}


def every_error() -> list[Any]:
    """Every error with its status and outcome."""
    return [
        pytest.param(status, outcome, name, id=name)
        for (status, outcome), errors in ERRORS.items()
        for name in errors
    ]


@pytest.mark.parametrize("face_name", FACES)
@pytest.mark.parametrize(("status", "outcome", "name"), every_error())
def test_message_names_the_problem_in_plain_words(
    status: int,
    outcome: str,
    name: str,
    face_name: str,
    face: Callable[[str], Face],
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    """The message is one plain sentence; status and outcome tell what happened."""
    server, phrase = ERRORS[status, outcome][name]
    with server(Setting(certificates, tmp_path)) as config:
        settings = {"projectId": "P2test", "maxAttempts": 1, "tlsRoots": "bundled", **config}
        if "caFile" in settings:
            del settings["tlsRoots"]
        # A large request, so that a server that stops reading stops the sending.
        claims = {"note": "x" * 900_000} if name == "timeout_while_sending" else {}
        request = {"loginId": "+14155550123", "loginOptions": {"customClaims": claims}}
        result = face(face_name).execute(Call.of(SIGN_IN_SMS, settings, request))
    error = result.document["error"]
    message = check_message(error["message"])
    assert phrase in message
    assert (result.status, error["outcome"]) == (status, outcome), message
