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


def tls_alert(code: int) -> bytes:
    """A TLS record with a fatal alert (RFC 8446, 6)."""
    return bytes([0x15, 3, 3, 0, 2, 2, code])
