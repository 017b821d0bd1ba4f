"""Connecting ahead: no request goes out, the next call needs no connection, and errors say so."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync, DescopeError
from support.certificates import Certificates
from support.programs import TIMEOUT_SECONDS, assert_ok, compile_program, run
from support.recording_server import RecordingServer, run_server

PROJECT = "P2test"
PHONE = "+14155550123"
ANSWER = {"json": {"maskedPhone": "+1******0123"}}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


def config(url: str, **more: Any) -> str:
    """A configuration document for the C program."""
    return json.dumps({"projectId": PROJECT, "baseUrl": url, **more})


def sign_in(client: DescopeClient) -> str:
    """The call that follows."""
    return client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)


def counts(server: RecordingServer) -> tuple[int, int]:
    """How many connections and requests there were."""
    return server.connections, len(server.received)


@pytest.mark.parametrize("is_tls", [False, True])
def test_calls_in_c_use_the_connection_that_was_made_ahead(
    is_tls: bool, certificates: Certificates, tmp_path: Path
) -> None:
    """Whichever thread comes first takes it, and then the next; warming up twice makes one."""
    with run_server(certificates.server_context("good") if is_tls else None) as server:
        server.script = [ANSWER]
        more = {"caFile": str(certificates.ca_file)} if is_tls else {}
        settings = config(server.url, **more)
        assert_ok([compile_program("c/warm_up.c", tmp_path), "call", settings])
        assert counts(server) == (1, 2)


def test_the_default_client_in_c_is_warmed_up_by_name(tmp_path: Path) -> None:
    """One connection, one request."""
    with run_server() as server:
        server.script = [ANSWER]
        assert_ok([compile_program("c/warm_up.c", tmp_path), "default", config(server.url)])
        assert counts(server) == (1, 1)


def test_calls_in_cpp_use_the_connection_that_was_made_ahead(tmp_path: Path) -> None:
    """Those of a client, and those of the default one: one connection each."""
    with run_server() as server:
        server.script = [ANSWER]
        assert_ok([compile_program("cpp/warm_up.cpp", tmp_path), config(server.url)])
        assert counts(server) == (2, 2)


@pytest.mark.parametrize("is_tls", [False, True])
def test_calls_in_python_use_the_connection_that_was_made_ahead(
    is_tls: bool, certificates: Certificates
) -> None:
    """Before the call the server has seen a connection and nothing on it."""
    with run_server(certificates.server_context("good") if is_tls else None) as server:
        server.script = [ANSWER]
        ca_file = str(certificates.ca_file) if is_tls else None
        client = DescopeClient(PROJECT, base_url=server.url, ca_file=ca_file)
        client.warm_up()
        client.warm_up()
        assert counts(server)[1] == 0
        assert sign_in(client) == "+1******0123"
        assert counts(server) == (1, 1)


def test_the_asynchronous_client_is_warmed_up_too() -> None:
    """And so is the default one."""
    with run_server() as server:
        server.script = [ANSWER]

        async def both() -> None:
            async with DescopeClientAsync(PROJECT, base_url=server.url) as client:
                await client.warm_up()
                await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)

        asyncio.run(both())
        assert counts(server) == (1, 1)
        descope_ml.configure(project_id=PROJECT, base_url=server.url)
        descope_ml.warm_up()
        descope_ml.magiclink_signin_sms({"loginId": PHONE})
        assert counts(server) == (2, 2)


def test_threads_may_warm_up_at_the_same_time() -> None:
    """All succeed, and no request goes out."""
    with run_server() as server:
        client = DescopeClient(PROJECT, base_url=server.url)
        threads = [threading.Thread(target=client.warm_up) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.script = [ANSWER]
        assert sign_in(client) == "+1******0123"
        assert len(server.received) == 1


class Closing:
    """A server that closes its first connection, and answers one request on the second."""

    def __init__(self) -> None:
        """Listens."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_SECONDS)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []

    def close_one(self) -> None:
        """Takes a connection and closes it; what came on it before is kept."""
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.requests.append(connection.recv(1))
        connection.close()

    def answer_one(self) -> None:
        """Takes a connection and answers its request."""
        connection, _ = self._listener.accept()
        self.requests.append(connection.recv(65536))
        body = json.dumps(ANSWER["json"])
        connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
        connection.close()
        self._listener.close()


def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced_in_c(tmp_path: Path) -> None:
    """The request goes out once, on a new one."""
    server = Closing()
    command = [compile_program("c/warm_up.c", tmp_path), "closed", config(server.url)]
    environment = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
        server.close_one()
        program.stdin.write("\n")
        program.stdin.flush()
        server.answer_one()
        assert program.stdout.read() == "ok\n"
    assert program.returncode == 0
    assert [request[:4] for request in server.requests] == [b"POST"]


def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced_in_python() -> None:
    """The request goes out once, on a new one."""
    server = Closing()
    client = DescopeClient(PROJECT, base_url=server.url)
    client.warm_up()
    server.close_one()
    answering = threading.Thread(target=server.answer_one)
    answering.start()
    assert sign_in(client) == "+1******0123"
    answering.join()
    assert [request[:4] for request in server.requests] == [b"POST"]


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def refusal_in_c(url: str, folder: Path, **more: Any) -> dict[str, Any]:
    """The error document of a program that could not warm up."""
    done = run([compile_program("c/warm_up.c", folder), "fail", config(url, **more)])
    status, _, document = done.stdout.splitlines()[0].partition(" ")
    error: dict[str, Any] = json.loads(document)["error"]
    assert error["status"] == int(status)
    return error


def test_a_refused_connection_is_told_as_not_sent(nobody: str, tmp_path: Path) -> None:
    """In C and in Python, after one attempt."""
    error = refusal_in_c(nobody, tmp_path)
    assert (error["name"], error["outcome"]) == ("DESCOPE_E_NETWORK", "not_sent")
    assert error["attempts"] == 1
    with pytest.raises(DescopeError) as refused:
        DescopeClient(PROJECT, base_url=nobody).warm_up()
    assert (refused.value.name, refused.value.outcome) == ("DESCOPE_E_NETWORK", "not_sent")


def test_a_certificate_that_nobody_vouches_for_is_told_as_not_sent(
    certificates: Certificates, tmp_path: Path
) -> None:
    """In C and in Python, and no request goes out."""
    with run_server(certificates.server_context("good")) as server:
        stranger = str(certificates.other_ca_file)
        error = refusal_in_c(server.url, tmp_path, caFile=stranger)
        assert (error["name"], error["outcome"]) == ("DESCOPE_E_TLS", "not_sent")
        with pytest.raises(DescopeError) as refused:
            DescopeClient(PROJECT, base_url=server.url, ca_file=stranger).warm_up()
        assert (refused.value.name, refused.value.outcome) == ("DESCOPE_E_TLS", "not_sent")
        assert server.received == []


def test_a_server_that_is_silent_is_given_up_in_time(tmp_path: Path) -> None:
    """TLS is never answered: the connect timeout ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        error = refusal_in_c(url, tmp_path, connectTimeoutMs=200)
        assert (error["name"], error["outcome"]) == ("DESCOPE_E_TIMEOUT", "not_sent")


def test_a_client_without_a_project_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nowhere to connect to."""
    monkeypatch.delenv("DESCOPE_PROJECT_ID", raising=False)
    descope_ml.configure()
    with pytest.raises(DescopeError) as refused:
        descope_ml.warm_up()
    assert refused.value.name == "DESCOPE_E_CONFIG"
