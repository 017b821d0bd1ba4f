"""Every TLS and I/O error that real servers can cause has a plain message that names the problem."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Certificates
from support.dns import unresponsive_port
from support.faces import SIGN_IN_SMS, Call, Face
from support.invalid_certificates import invalid_server_context
from support.messages import check_message
from support.proxy import run_proxy
from support.raw_server import read_all, refuse_handshake, respond_with, run_raw_server, tls_alert
from support.recording_server import Greeting, ScriptedResponse, run_server

FACES = ("rust", "c", "python")

NETWORK, TLS, TIMEOUT, PROTOCOL = 10, 11, 12, 13


@dataclass(frozen=True)
class Setting:
    """What a server needs to be started.

    Attributes:
        certificates: Certificates for servers with TLS.
        folder: An empty folder for files.
    """

    certificates: Certificates
    folder: Path


# The configuration of a client for a running server: at least its `baseUrl`.
Config = dict[str, Any]
Server = Callable[[Setting], AbstractContextManager[Config]]


@dataclass(frozen=True)
class ErrorCase:
    """A server and the error that it causes.

    Attributes:
        name: The name of the test.
        server: Starts the server.
        status: The status code of the error.
        outcome: The outcome of the error.
        phrase: A part of the message that names the problem.
    """

    name: str
    server: Server
    status: int
    outcome: str
    phrase: str


def tls_server(kind: str, *, trusted: bool = True) -> Server:
    """A server with a certificate of this kind; see `Certificates.server_context`."""

    @contextmanager
    def start(setting: Setting) -> Iterator[Config]:
        certificates = setting.certificates
        ca_file = certificates.ca_file if trusted else certificates.other_ca_file
        with run_server(certificates.server_context(kind)) as server:
            yield {"baseUrl": server.url, "caFile": str(ca_file)}

    return start


def invalid_tls_server(kind: str) -> Server:
    """A server with an invalid certificate; see `invalid_server_context`."""

    @contextmanager
    def start(setting: Setting) -> Iterator[Config]:
        context, root_file = invalid_server_context(kind, setting.folder)
        with run_server(context) as server:
            yield {"baseUrl": server.url, "caFile": str(root_file)}

    return start


def configured_tls_server(configure: Callable[[ssl.SSLContext, Certificates], None]) -> Server:
    """A server with a valid certificate whose TLS settings make the handshake fail."""

    @contextmanager
    def start(setting: Setting) -> Iterator[Config]:
        context = setting.certificates.server_context("good")
        configure(context, setting.certificates)
        with run_raw_server(refuse_handshake(context)) as port:
            ca_file = str(setting.certificates.ca_file)
            yield {"baseUrl": f"https://127.0.0.1:{port}", "caFile": ca_file}

    return start


def require_client_certificate(context: ssl.SSLContext, certificates: Certificates) -> None:
    """The server requires a client certificate, with TLS 1.3."""
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.ca_file)


def require_client_certificate_tls_1_2(context: ssl.SSLContext, certificates: Certificates) -> None:
    """The server requires a client certificate, with TLS 1.2."""
    require_client_certificate(context, certificates)
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def offer_old_cipher(context: ssl.SSLContext, _: Certificates) -> None:
    """The server only supports one cipher suite, without forward secrecy."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")


def raw_server(data: bytes, scheme: str = "https") -> Server:
    """A server that responds to the first bytes of the client with these bytes, and closes."""

    @contextmanager
    def start(_: Setting) -> Iterator[Config]:
        with run_raw_server(respond_with(data)) as port:
            yield {"baseUrl": f"{scheme}://127.0.0.1:{port}"}

    return start


@contextmanager
def closed_port(_: Setting) -> Iterator[Config]:
    """A port that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield {"baseUrl": f"http://127.0.0.1:{bound.getsockname()[1]}"}


def greeting_server(greeting: Greeting, *, tls: bool) -> Server:
    """A server that does this with each new connection."""

    @contextmanager
    def start(setting: Setting) -> Iterator[Config]:
        context = setting.certificates.server_context("good") if tls else None
        with run_server(context) as server:
            server.greetings = [greeting]
            yield {"baseUrl": server.url, "caFile": str(setting.certificates.ca_file)}

    return start


def scripted_server(response: ScriptedResponse, *, tls: bool = False, **config: Any) -> Server:
    """A server that sends this response, for a client with these settings."""

    @contextmanager
    def start(setting: Setting) -> Iterator[Config]:
        context = setting.certificates.server_context("good") if tls else None
        with run_server(context) as server:
            server.script = [response]
            ca_file = str(setting.certificates.ca_file)
            yield {"baseUrl": server.url, "caFile": ca_file, **config}

    return start


@contextmanager
def unknown_host(_: Setting) -> Iterator[Config]:
    """A host name that does not exist."""
    yield {"baseUrl": "https://no-such-host.invalid"}


@contextmanager
def full_port(_: Setting) -> Iterator[Config]:
    """A port where connecting neither succeeds nor fails."""
    with unresponsive_port("127.0.0.1") as port:
        yield {"baseUrl": f"http://127.0.0.1:{port}", "connectTimeoutMs": 200}


@contextmanager
def silent_handshake(_: Setting) -> Iterator[Config]:
    """A server that does not respond to the TLS handshake, within the timeout of the call."""
    with run_raw_server(read_all) as port:
        yield {"baseUrl": f"https://127.0.0.1:{port}", "timeoutMs": 200}


def proxy(behavior: str) -> Server:
    """A proxy with this behavior; see `Proxy`."""

    @contextmanager
    def start(_: Setting) -> Iterator[Config]:
        with run_proxy(1, [behavior]) as running:
            address = f"http://127.0.0.1:{running.port}"
            yield {"baseUrl": "https://api.example.invalid", "proxy": address}

    return start


@contextmanager
def closed_proxy(_: Setting) -> Iterator[Config]:
    """A proxy that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        yield {"baseUrl": "https://api.example.invalid", "proxy": address}


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

CASES = [
    ErrorCase("expired_certificate", tls_server("expired"), TLS, "not_sent", "has expired"),
    ErrorCase("future_certificate", tls_server("notYet"), TLS, "not_sent", "is not valid yet"),
    ErrorCase(
        "certificate_of_another_host",
        tls_server("otherName"),
        TLS,
        "not_sent",
        "not valid for this host name",
    ),
    ErrorCase(
        "unknown_ca",
        tls_server("good", trusted=False),
        TLS,
        "not_sent",
        "not signed by a trusted certificate authority",
    ),
    ErrorCase(
        "ca_certificate_as_server_certificate",
        invalid_tls_server("ca_as_server"),
        TLS,
        "not_sent",
        "uses the certificate of a certificate authority as its own",
    ),
    ErrorCase(
        "server_certificate_as_ca_certificate",
        invalid_tls_server("server_as_ca"),
        TLS,
        "not_sent",
        "signed by one that is not a certificate authority",
    ),
    ErrorCase(
        "certificate_for_clients",
        invalid_tls_server("client_purpose"),
        TLS,
        "not_sent",
        "not meant for a server",
    ),
    ErrorCase(
        "host_excluded_by_name_constraints",
        invalid_tls_server("excluded_host"),
        TLS,
        "not_sent",
        "may not sign certificates for this host name",
    ),
    ErrorCase(
        "invalid_signature",
        invalid_tls_server("wrong_signature"),
        TLS,
        "not_sent",
        "the signature of the server's certificate is invalid",
    ),
    ErrorCase(
        "unsupported_signature_algorithm",
        invalid_tls_server("unsupported_algorithm"),
        TLS,
        "not_sent",
        "unsupported signature algorithm",
    ),
    ErrorCase(
        "certificate_of_version_1",
        invalid_tls_server("version_1"),
        TLS,
        "not_sent",
        "is not X.509 version 3",
    ),
    ErrorCase(
        "required_client_certificate",
        configured_tls_server(require_client_certificate),
        TLS,
        "unknown",
        "requires a client certificate",
    ),
    ErrorCase(
        "required_client_certificate_with_tls_1_2",
        configured_tls_server(require_client_certificate_tls_1_2),
        TLS,
        "not_sent",
        "requires a client certificate (alert handshake_failure)",
    ),
    ErrorCase("tls_1_1", tls_server("older"), TLS, "not_sent", "neither TLS 1.2 nor TLS 1.3"),
    ErrorCase(
        "no_common_cipher_suite",
        configured_tls_server(offer_old_cipher),
        TLS,
        "not_sent",
        "alert handshake_failure",
    ),
    ErrorCase(
        "http_instead_of_tls",
        raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        TLS,
        "not_sent",
        "the response of the server is not TLS",
    ),
    ErrorCase(
        "ssh_instead_of_tls",
        raw_server(b"SSH-2.0-OpenSSH_9.6\r\n"),
        TLS,
        "not_sent",
        "the response of the server is not TLS",
    ),
    ErrorCase(
        "oversized_tls_record",
        raw_server(b"\x16\x03\x03\xff\xff" + b"x" * 100),
        TLS,
        "not_sent",
        "TLS",
    ),
    ErrorCase(
        "invalid_handshake_message",
        raw_server(b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\x00\x00"),
        TLS,
        "not_sent",
        "TLS",
    ),
    ErrorCase(
        "unexpected_tls_message",
        raw_server(b"\x17\x03\x03\x00\x01x"),
        TLS,
        "not_sent",
        "TLS",
    ),
    ErrorCase(
        "truncated_tls_record",
        raw_server(b"\x16\x03\x03\x40\x00\x02\x00"),
        NETWORK,
        "not_sent",
        "connection closed by the peer",
    ),
    ErrorCase(
        "close_notify_instead_of_handshake",
        raw_server(b"\x15\x03\x03\x00\x02\x01\x00"),
        NETWORK,
        "not_sent",
        "connection closed by the peer",
    ),
    *(
        ErrorCase(f"alert_{code}", raw_server(tls_alert(code)), TLS, "not_sent", phrase)
        for code, phrase in ALERTS.items()
    ),
    ErrorCase("refused_connection", closed_port, NETWORK, "not_sent", "connection refused"),
    ErrorCase(
        "tls_handshake_closed",
        greeting_server("close", tls=True),
        NETWORK,
        "not_sent",
        "could not connect",
    ),
    ErrorCase(
        "tls_handshake_reset",
        greeting_server("reset", tls=True),
        NETWORK,
        "not_sent",
        "connection reset by the peer",
    ),
    ErrorCase(
        "request_unread_and_reset",
        greeting_server("reset", tls=False),
        NETWORK,
        "unknown",
        "connection reset by the peer",
    ),
    ErrorCase(
        "closed_after_the_request",
        scripted_server({"instead": "close"}),
        NETWORK,
        "unknown",
        "connection closed by the peer",
    ),
    ErrorCase(
        "reset_after_the_request",
        scripted_server({"instead": "reset"}),
        NETWORK,
        "unknown",
        "connection reset by the peer",
    ),
    ErrorCase(
        "closed_after_the_request_with_tls",
        scripted_server({"instead": "close"}, tls=True),
        NETWORK,
        "unknown",
        "connection closed by the peer",
    ),
    ErrorCase(
        "reset_after_the_request_with_tls",
        scripted_server({"instead": "reset"}, tls=True),
        NETWORK,
        "unknown",
        "connection reset by the peer",
    ),
    ErrorCase("unknown_host", unknown_host, NETWORK, "not_sent", "could not resolve the host name"),
    ErrorCase("connect_timeout", full_port, TIMEOUT, "not_sent", "connecting timed out"),
    ErrorCase(
        "timeout_during_the_handshake",
        silent_handshake,
        TIMEOUT,
        "not_sent",
        "timed out before the request was sent",
    ),
    ErrorCase(
        "timeout_while_sending",
        scripted_server({"takes": 1000, "instead": "stop"}, timeoutMs=300),
        TIMEOUT,
        "unknown",
        "timed out while",
    ),
    ErrorCase(
        "timeout_while_waiting",
        scripted_server({"instead": "silence"}, timeoutMs=200),
        TIMEOUT,
        "unknown",
        "timed out while waiting for the response",
    ),
    ErrorCase(
        "timeout_within_the_response",
        scripted_server({"stall": 3}, timeoutMs=200),
        TIMEOUT,
        "unknown",
        "timed out while waiting for the response",
    ),
    ErrorCase("proxy_403", proxy("HTTP/1.1 403 No\r\n\r\n"), NETWORK, "not_sent", "HTTP 403"),
    ErrorCase(
        "proxy_407",
        proxy("HTTP/1.1 407 No\r\n\r\n"),
        NETWORK,
        "not_sent",
        "the proxy requires a user name and password",
    ),
    ErrorCase("proxy_502", proxy("HTTP/1.1 502 No\r\n\r\n"), NETWORK, "not_sent", "HTTP 502"),
    ErrorCase(
        "proxy_without_http",
        proxy("SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        NETWORK,
        "not_sent",
        "the proxy did not respond like an HTTP proxy",
    ),
    ErrorCase(
        "proxy_that_closes",
        proxy("drop"),
        NETWORK,
        "not_sent",
        "could not connect",
    ),
    ErrorCase("refusing_proxy", closed_proxy, NETWORK, "not_sent", "connection refused"),
    ErrorCase(
        "invalid_status_line",
        scripted_server({"raw": "HELLO\r\n\r\n"}),
        PROTOCOL,
        "unknown",
        "not valid HTTP",
    ),
    ErrorCase(
        "invalid_status_code",
        scripted_server({"raw": "HTTP/1.1 ABC OK\r\n\r\n"}),
        PROTOCOL,
        "unknown",
        "not valid HTTP",
    ),
    ErrorCase(
        "unsupported_http_version",
        scripted_server({"version": "HTTP/2.0"}),
        PROTOCOL,
        "unknown",
        "not valid HTTP",
    ),
    ErrorCase(
        "invalid_header",
        scripted_server({"raw": f"{HEAD}broken header: x\r\n\r\n"}),
        PROTOCOL,
        "unknown",
        "not valid HTTP",
    ),
    ErrorCase(
        "invalid_content_length",
        scripted_server({"raw": f"{HEAD}Content-Length: x\r\n\r\n"}),
        PROTOCOL,
        "unknown",
        "not valid HTTP",
    ),
    ErrorCase(
        "invalid_chunk",
        scripted_server({"raw": f"{HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n"}),
        PROTOCOL,
        "unknown",
        "not valid HTTP",
    ),
    ErrorCase(
        "headers_over_the_limit",
        scripted_server({"headers": {"X-Long": "x" * 100_000}}),
        PROTOCOL,
        "unknown",
        "headers exceed the limit",
    ),
    ErrorCase(
        "body_over_the_limit",
        scripted_server({"body": "x", "repeat": 2_000_000}),
        PROTOCOL,
        "unknown",
        "body exceeds the limit",
    ),
    ErrorCase(
        "truncated_headers",
        scripted_server({"raw": HEAD}),
        PROTOCOL,
        "unknown",
        "closed before the response was complete",
    ),
    ErrorCase(
        "truncated_body",
        scripted_server({"cut": 5}),
        PROTOCOL,
        "unknown",
        "closed before the response was complete",
    ),
    ErrorCase(
        "truncated_body_with_tls",
        scripted_server({"cut": 5}, tls=True),
        PROTOCOL,
        "unknown",
        "closed before the response was complete",
    ),
    ErrorCase(
        "body_that_is_not_json",
        scripted_server({"body": "<html>"}),
        PROTOCOL,
        "unknown",
        "JSON",
    ),
]


@pytest.mark.parametrize("face_name", FACES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_message_names_the_problem_in_plain_words(
    case: ErrorCase,
    face_name: str,
    face: Callable[[str], Face],
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    """The message is one plain sentence; status and outcome tell what happened."""
    with case.server(Setting(certificates, tmp_path)) as config:
        settings = {"projectId": "P2test", "maxAttempts": 1, "tlsRoots": "bundled", **config}
        if "caFile" in settings:
            del settings["tlsRoots"]
        # A large request, so that a server that stops reading stops the sending.
        claims = {"note": "x" * 900_000} if case.name == "timeout_while_sending" else {}
        request = {"loginId": "+14155550123", "loginOptions": {"customClaims": claims}}
        result = face(face_name).execute(Call.of(SIGN_IN_SMS, settings, request))
    error = result.document["error"]
    message = check_message(error["message"])
    assert case.phrase in message
    assert (result.status, error["outcome"]) == (case.status, case.outcome), message
