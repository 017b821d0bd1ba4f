"""Signals in a C program: calls leave signal handling unchanged and survive signals."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

import pytest

from support import emulator
from support.certificates import Certificates
from support.programs import assert_ok, compile_program
from support.recording_server import run_server

PHONE = "+14155550123"
SIGN_IN = "/v1/auth/magiclink/signin/sms"
RESPONSE = b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"maskedPhone":"*"}'


def test_calls_leave_signal_mask_and_sigpipe_disposition_unchanged(tmp_path: Path) -> None:
    """Calls that succeed, calls that cannot connect, and calls with a DNS lookup in a thread."""
    program = compile_program("c/signals.c", tmp_path)
    with run_server() as server:
        reachable = {"projectId": "P2test", "baseUrl": server.url.replace("127.0.0.1", "localhost")}
        unreachable = {"projectId": "P2test", "baseUrl": "http://127.0.0.1:1", "maxAttempts": 2}
        assert_ok([program, "state", json.dumps(reachable), json.dumps(unreachable)])


@pytest.mark.parametrize("restart", ["0", "1"])
@pytest.mark.parametrize("timeout_ms", ["0", "60000"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_call_interrupted_by_signals_succeeds(
    scheme: str, timeout_ms: str, restart: str, tmp_path: Path
) -> None:
    """With and without SA_RESTART, with and without a timeout in the request."""
    program = compile_program("c/signals.c", tmp_path)
    with emulator.run_emulator(*(["--tls"] if scheme == "https" else [])) as slow:
        slow.sign_up(PHONE)
        slow.control("faults", path=SIGN_IN, delay="250ms")
        assert_ok([program, "interrupt", slow.config(), timeout_ms, restart])


@contextmanager
def disconnecting_server(tls: Optional[ssl.SSLContext]) -> Iterator[str]:
    """Runs a server that closes its first connection during a request; yields its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Small segments and a small receive buffer, so that the request is not sent at once.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

        def serve() -> None:
            connection = accept(listener, tls)
            connection.recv(4096)
            # Sends FIN, then RST because unread data is left. A write after RST raises SIGPIPE.
            socket.socket.shutdown(connection, socket.SHUT_WR)
            connection.close()
            with accept(listener, tls) as connection:
                connection.recv(1 << 16)
                connection.sendall(RESPONSE)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def accept(listener: socket.socket, tls: Optional[ssl.SSLContext]) -> socket.socket:
    """Accepts the next connection, with TLS if a context is given."""
    connection, _ = listener.accept()
    return tls.wrap_socket(connection, server_side=True) if tls else connection


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_connection_closed_during_a_write_raises_no_sigpipe(
    scheme: str, tmp_path: Path, certificates: Certificates
) -> None:
    """The call returns an error with its outcome, and the next call succeeds."""
    program = compile_program("c/signals.c", tmp_path)
    with disconnecting_server(
        certificates.server_context("good") if scheme == "https" else None
    ) as url:
        config = {
            "projectId": "P2test",
            "baseUrl": url,
            "caFile": str(certificates.ca_file),
        }
        assert_ok([program, "close", json.dumps(config)])
