"""A server that runs a function for each connection, for faults below HTTP."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# A connection that is open for longer is closed.
_TIMEOUT_SECONDS = 30


@contextmanager
def run_raw_server(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    """Runs a server until the end of the `with` block.

    Args:
        handle: Serves a connection, which is closed afterwards.

    Yields:
        The port of the server on 127.0.0.1.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.settimeout(_TIMEOUT_SECONDS)
                with connection, suppress(OSError):  # The client may close at any time.
                    handle(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(_TIMEOUT_SECONDS)


def respond_with(data: bytes) -> Callable[[socket.socket], None]:
    """A handler that sends these bytes after the first bytes of the client."""

    def handle(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        read_all(connection)  # Closing with unread bytes would reset the connection.

    return handle


def refuse_handshake(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    """A handler for a TLS handshake that the server ends with an alert."""

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        ) as tls_connection:
            with suppress(ssl.SSLError):
                tls_connection.do_handshake()
            # The functions of the base class, which know no TLS.
            socket.socket.shutdown(tls_connection, socket.SHUT_WR)
            while socket.socket.recv(tls_connection, 1 << 16):
                pass

    return handle


def read_all(connection: socket.socket) -> None:
    """Reads until the client closes the connection."""
    while connection.recv(1 << 16):
        pass


def tls_1_2_handshake(*certificates: bytes) -> bytes:
    """The first messages of a TLS 1.2 server with this certificate chain (RFC 5246, 7.4; RFC 8422).

    The key exchange and its signature are invalid, because clients check the certificate first.
    """
    extended_master_secret = b"\0\4\0\x17\0\0"
    cipher_suite = b"\xc0\x2f"  # TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    server_hello = b"\3\3" + bytes(range(32)) + b"\0" + cipher_suite + b"\0"
    chain = b"".join(len(one).to_bytes(3, "big") + one for one in certificates)
    x25519_key = b"\3\0\x1d\x20" + bytes(range(32))
    signature = b"\x08\4\1\0" + b"s" * 256  # rsa_pss_rsae_sha256
    messages = (
        (2, server_hello + extended_master_secret),
        (11, len(chain).to_bytes(3, "big") + chain),
        (12, x25519_key + signature),
        (14, b""),
    )
    data = b"".join(bytes([kind]) + len(body).to_bytes(3, "big") + body for kind, body in messages)
    return b"\x16\3\3" + len(data).to_bytes(2, "big") + data


def tls_alert(code: int) -> bytes:
    """A TLS record with a fatal alert (RFC 8446, 6)."""
    return bytes([0x15, 3, 3, 0, 2, 2, code])
