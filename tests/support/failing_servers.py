"""Servers and proxies that make a call fail, each in a way of its own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.certificates import Certificates
from support.dns import unresponsive_port
from support.invalid_certificates import invalid_server_context
from support.proxy import run_proxy
from support.raw_server import read_all, refuse_handshake, respond_with, run_raw_server
from support.recording_server import Greeting, ScriptedResponse, run_server


@dataclass(frozen=True)
class Setting:
    """What a server needs to start.

    Attributes:
        certificates: Certificates for servers with TLS.
        folder: An empty folder for files.
    """

    certificates: Certificates
    folder: Path


# The configuration of a client for a running server: at least its `baseUrl`.
Config = dict[str, Any]
Server = Callable[[Setting], AbstractContextManager[Config]]


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


def raw_server(data: bytes) -> Server:
    """A server that responds to the first bytes of the client with these bytes, and closes."""

    @contextmanager
    def start(_: Setting) -> Iterator[Config]:
        with run_raw_server(respond_with(data)) as port:
            yield {"baseUrl": f"https://127.0.0.1:{port}"}

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


def as_proxy(server: Server, scheme: str) -> Server:
    """A server that the client takes for a proxy of this scheme."""

    @contextmanager
    def start(setting: Setting) -> Iterator[Config]:
        with server(setting) as config:
            address = config["baseUrl"].partition("://")[2]
            yield {
                **config,
                "baseUrl": "https://api.example.invalid",
                "proxy": f"{scheme}://{address}",
            }

    return start
