"""Signals of a C program: what calls leave as it was, and what they go on through."""

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
from support.programs import assert_ok, compiled
from support.recorder import recording

PHONE = "+14155550123"
SIGN_IN = "/v1/auth/magiclink/signin/sms"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"maskedPhone":"*"}'


def test_the_mask_and_the_disposition_of_sigpipe_stay_as_they_were(tmp_path: Path) -> None:
    """Whether a call succeeds, or finds nobody, or looks a name up on a thread."""
    program = compiled("c/signals.c", tmp_path)
    with recording() as server:
        found = {"projectId": "P2test", "baseUrl": server.url.replace("127.0.0.1", "localhost")}
        nowhere = {"projectId": "P2test", "baseUrl": "http://127.0.0.1:1", "maxAttempts": 2}
        assert_ok([program, "state", json.dumps(found), json.dumps(nowhere)])


@pytest.mark.parametrize("restart", ["0", "1"])
@pytest.mark.parametrize("timeout_ms", ["0", "60000"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_call_that_signals_interrupt_goes_on_to_its_answer(
    scheme: str, timeout_ms: str, restart: str, tmp_path: Path
) -> None:
    """With and without SA_RESTART, with and without a deadline of its own."""
    program = compiled("c/signals.c", tmp_path)
    with emulator.running(*(["--tls"] if scheme == "https" else [])) as slow:
        slow.sign_up(PHONE)
        slow.control("faults", path=SIGN_IN, delay="250ms")
        assert_ok([program, "interrupt", slow.config(), timeout_ms, restart])


@contextmanager
def breaking(tls: Optional[ssl.SSLContext]) -> Iterator[str]:
    """A server that closes its first connection in the middle of a request; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Small segments and little room, so that the request does not leave at once.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

        def serve() -> None:
            connection = accept(listener, tls)
            connection.recv(4096)
            # An end, and then a reset, since there is more to read: that is what raises SIGPIPE.
            socket.socket.shutdown(connection, socket.SHUT_WR)
            connection.close()
            with accept(listener, tls) as connection:
                connection.recv(1 << 16)
                connection.sendall(ANSWER)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def accept(listener: socket.socket, tls: Optional[ssl.SSLContext]) -> socket.socket:
    """The next connection, with TLS where there is to be some."""
    connection, _ = listener.accept()
    return tls.wrap_socket(connection, server_side=True) if tls else connection


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_peer_that_closes_in_mid_write_raises_no_sigpipe(
    scheme: str, tmp_path: Path, certificates: Certificates
) -> None:
    """The call ends with its status and its outcome, and the next one works."""
    program = compiled("c/signals.c", tmp_path)
    with breaking(certificates.server("good") if scheme == "https" else None) as url:
        config = {
            "projectId": "P2test",
            "baseUrl": url,
            "caFile": str(certificates.trusted_file),
        }
        assert_ok([program, "close", json.dumps(config)])
