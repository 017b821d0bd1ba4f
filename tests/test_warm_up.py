"""warm_up: it connects without a request, and the next call uses the connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync, DescopeError
from support.certificates import Certificates
from support.programs import TIMEOUT_SECONDS, assert_ok, compile_program, run
from support.recording_server import RecordingServer, ScriptedResponse, run_server

PROJECT = "P2test"
PHONE = "+14155550123"
RESPONSE: ScriptedResponse = {"json": {"maskedPhone": "+1******0123"}}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for TLS servers."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


def config(url: str, **more: Any) -> str:
    """A configuration document for the C program."""
    return json.dumps({"projectId": PROJECT, "baseUrl": url, **more})


def sign_in(client: DescopeClient) -> str:
    """Signs in, after `warm_up`."""
    return client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)


def counts(server: RecordingServer) -> tuple[int, int]:
    """The numbers of connections and requests so far."""
    return server.connections, len(server.received)


@pytest.mark.parametrize("is_tls", [False, True])
def test_c_calls_use_the_warm_connection(
    is_tls: bool, certificates: Certificates, tmp_path: Path
) -> None:
    """Calls on other threads use it as well, and a second `warm_up` makes no new connection."""
    with run_server(certificates.server_context("good") if is_tls else None) as server:
        server.script = [RESPONSE]
        more = {"caFile": str(certificates.ca_file)} if is_tls else {}
        settings = config(server.url, **more)
        assert_ok([compile_program("c/warm_up.c", tmp_path), "call", settings])
        assert counts(server) == (1, 2)


def test_c_default_client_can_be_warmed_up(tmp_path: Path) -> None:
    """One connection, one request."""
    with run_server() as server:
        server.script = [RESPONSE]
        assert_ok([compile_program("c/warm_up.c", tmp_path), "default", config(server.url)])
        assert counts(server) == (1, 1)


def test_cpp_calls_use_the_warm_connection(tmp_path: Path) -> None:
    """A client and the default client use one connection each."""
    with run_server() as server:
        server.script = [RESPONSE]
        assert_ok([compile_program("cpp/warm_up.cpp", tmp_path), config(server.url)])
        assert counts(server) == (2, 2)


@pytest.mark.parametrize("is_tls", [False, True])
def test_python_calls_use_the_warm_connection(is_tls: bool, certificates: Certificates) -> None:
    """Before the call the server has a connection, and no request on it."""
    with run_server(certificates.server_context("good") if is_tls else None) as server:
        server.script = [RESPONSE]
        ca_file = str(certificates.ca_file) if is_tls else None
        client = DescopeClient(PROJECT, base_url=server.url, ca_file=ca_file)
        client.warm_up()
        client.warm_up()
        assert counts(server)[1] == 0
        assert sign_in(client) == "+1******0123"
        assert counts(server) == (1, 1)


def test_async_and_default_client_can_be_warmed_up() -> None:
    """Each uses one connection."""
    with run_server() as server:
        server.script = [RESPONSE]

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


def test_several_threads_can_warm_up_at_the_same_time() -> None:
    """All calls of `warm_up` succeed, and none sends a request."""
    with run_server() as server:
        client = DescopeClient(PROJECT, base_url=server.url)
        threads = [threading.Thread(target=client.warm_up) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.script = [RESPONSE]
        assert sign_in(client) == "+1******0123"
        assert len(server.received) == 1


def test_warm_up_leaves_connections_of_other_threads_usable() -> None:
    """An idle connection of another thread counts, and that thread uses it again."""
    with run_server() as server, ThreadPoolExecutor(max_workers=1) as other_thread:
        server.script = [RESPONSE] * 2
        client = DescopeClient(PROJECT, base_url=server.url)
        other_thread.submit(sign_in, client).result()
        client.warm_up()
        assert counts(server) == (1, 1)
        other_thread.submit(sign_in, client).result()
        assert counts(server) == (1, 2)


class ClosingServer:
    """A server that closes its first connection and responds on the second."""

    def __init__(self) -> None:
        """Listens."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_SECONDS)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []

    def close_connection(self) -> None:
        """Accepts a connection and closes it. Bytes that arrived on it are recorded."""
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.requests.append(connection.recv(1))
        connection.close()

    def respond(self) -> None:
        """Accepts a connection and responds to its request."""
        connection, _ = self._listener.accept()
        self.requests.append(connection.recv(65536))
        body = json.dumps(RESPONSE["json"])
        connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
        connection.close()
        self._listener.close()


def test_c_replaces_a_warm_connection_that_the_server_has_closed(tmp_path: Path) -> None:
    """The request is sent once, on a new connection."""
    server = ClosingServer()
    command = [compile_program("c/warm_up.c", tmp_path), "closed", config(server.url)]
    environment = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
        server.close_connection()
        program.stdin.write("\n")
        program.stdin.flush()
        server.respond()
        assert program.stdout.read() == "ok\n"
    assert program.returncode == 0
    assert [request[:4] for request in server.requests] == [b"POST"]


def test_python_replaces_a_warm_connection_that_the_server_has_closed() -> None:
    """The request is sent once, on a new connection."""
    server = ClosingServer()
    client = DescopeClient(PROJECT, base_url=server.url)
    client.warm_up()
    server.close_connection()
    responding = threading.Thread(target=server.respond)
    responding.start()
    assert sign_in(client) == "+1******0123"
    responding.join()
    assert [request[:4] for request in server.requests] == [b"POST"]


@pytest.fixture
def closed_port_url() -> str:
    """A base URL that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def warm_up_error_in_c(url: str, folder: Path, **more: Any) -> dict[str, Any]:
    """The error of a C program whose `warm_up` fails."""
    done = run([compile_program("c/warm_up.c", folder), "fail", config(url, **more)])
    status, _, document = done.stdout.splitlines()[0].partition(" ")
    error: dict[str, Any] = json.loads(document)["error"]
    assert error["status"] == int(status)
    return error


def test_refused_connection_is_a_network_error(closed_port_url: str, tmp_path: Path) -> None:
    """In C and in Python, after one attempt and with the outcome `not_sent`."""
    error = warm_up_error_in_c(closed_port_url, tmp_path)
    assert (error["name"], error["outcome"]) == ("DESCOPE_E_NETWORK", "not_sent")
    assert error["attempts"] == 1
    with pytest.raises(DescopeError) as caught:
        DescopeClient(PROJECT, base_url=closed_port_url).warm_up()
    assert (caught.value.name, caught.value.outcome) == ("DESCOPE_E_NETWORK", "not_sent")


def test_certificate_of_an_unknown_ca_is_a_tls_error(
    certificates: Certificates, tmp_path: Path
) -> None:
    """In C and in Python, and no request is sent."""
    with run_server(certificates.server_context("good")) as server:
        other_ca_file = str(certificates.other_ca_file)
        error = warm_up_error_in_c(server.url, tmp_path, caFile=other_ca_file)
        assert (error["name"], error["outcome"]) == ("DESCOPE_E_TLS", "not_sent")
        with pytest.raises(DescopeError) as caught:
            DescopeClient(PROJECT, base_url=server.url, ca_file=other_ca_file).warm_up()
        assert (caught.value.name, caught.value.outcome) == ("DESCOPE_E_TLS", "not_sent")
        assert server.received == []


def test_silent_server_causes_a_timeout(tmp_path: Path) -> None:
    """The connect timeout ends a TLS handshake without a response."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        error = warm_up_error_in_c(url, tmp_path, connectTimeoutMs=200)
        assert (error["name"], error["outcome"]) == ("DESCOPE_E_TIMEOUT", "not_sent")


def test_client_without_a_project_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a project ID the base URL is unknown."""
    monkeypatch.delenv("DESCOPE_PROJECT_ID", raising=False)
    descope_ml.configure()
    with pytest.raises(DescopeError) as caught:
        descope_ml.warm_up()
    assert caught.value.name == "DESCOPE_E_CONFIG"
