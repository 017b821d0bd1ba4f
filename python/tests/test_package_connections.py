"""Connections that are dead although they look open, as after a NAT has forgotten them."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from descope_ml import (
    CallTimeoutError,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    DescopeError,
    LoginOptions,
)
from local_server import LocalServer, Reply

PHONE = "+14155550123"
CONNECTIONS = 8
TIMEOUT_SECONDS = 0.3

SCRIPT = Path(__file__).with_name("silent_network.py")


@pytest.fixture
def forget_connections(server: LocalServer) -> Iterator[Callable[[], None]]:
    """Lets the server never respond again on the connections that are open now."""
    test_is_over = threading.Event()

    def forget() -> None:
        forgotten = {request.connection for request in server.received}
        assert len(forgotten) == CONNECTIONS

        def answer() -> Reply:
            if server.last.connection in forgotten:
                test_is_over.wait(30)
            return Reply()

        server.answer = answer

    yield forget
    test_is_over.set()


def test_of_many_dead_connections_one_call_is_lost(
    server: LocalServer, forget_connections: Callable[[], None]
) -> None:
    client = DescopeClient("P2test", base_url=server.url, timeout_seconds=TIMEOUT_SECONDS)

    def outcome() -> str:
        try:
            client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        except DescopeError as error:
            return f"{type(error).__name__}: {error.outcome}"
        return "sent"

    server.respond_together(CONNECTIONS)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        outcomes = [call.result() for call in [pool.submit(outcome) for _ in range(CONNECTIONS)]]
    assert outcomes == ["sent"] * CONNECTIONS
    forget_connections()
    outcomes = [outcome() for _ in range(CONNECTIONS)]
    assert outcomes == ["CallTimeoutError: unknown"] + ["sent"] * (CONNECTIONS - 1)


def test_of_many_dead_connections_one_call_of_an_event_loop_is_lost(
    server: LocalServer, forget_connections: Callable[[], None]
) -> None:
    async def main() -> None:
        new_client = partial(DescopeClientAsync, "P2test", base_url=server.url)
        async with new_client(timeout_seconds=TIMEOUT_SECONDS) as client:

            async def outcome() -> str:
                try:
                    await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
                except DescopeError as error:
                    return f"{type(error).__name__}: {error.outcome}"
                return "sent"

            server.respond_together(CONNECTIONS)
            outcomes = await asyncio.gather(*(outcome() for _ in range(CONNECTIONS)))
            assert outcomes == ["sent"] * CONNECTIONS
            forget_connections()
            outcomes = [await outcome() for _ in range(CONNECTIONS)]
            assert outcomes == ["CallTimeoutError: unknown"] + ["sent"] * (CONNECTIONS - 1)

    asyncio.run(main())


def test_a_lost_call_closes_the_connections_older_than_it_even_if_they_were_just_used(
    server: LocalServer,
) -> None:
    client = DescopeClient("P2test", base_url=server.url, timeout_seconds=3)
    has_arrived, test_is_over = threading.Event(), threading.Event()

    def lose() -> Reply:
        has_arrived.set()
        test_is_over.wait(30)
        return Reply()

    def sign_in() -> str:
        return client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)

    def connections_of_two_calls(pool: ThreadPoolExecutor) -> set[int]:
        server.respond_together(2)
        for call in [pool.submit(sign_in) for _ in range(2)]:
            call.result()
        return {request.connection for request in server.received[-2:]}

    with ThreadPoolExecutor(3) as pool:
        try:
            old = connections_of_two_calls(pool)
            server.answer = lose
            lost = pool.submit(sign_in)
            assert has_arrived.wait(30)
            used_meanwhile = connections_of_two_calls(pool)
            assert len(old & used_meanwhile) == 1
            assert isinstance(lost.exception(), CallTimeoutError)
            used_later = connections_of_two_calls(pool)
            assert not old & used_later
            assert len(used_meanwhile & used_later) == 1
        finally:
            test_is_over.set()


def test_a_request_that_cannot_be_sent_closes_the_other_old_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Small segments and a small receive buffer, so that a large request is not sent at once.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = DescopeClient(base_url=url, project_id="P2test", timeout_seconds=2)

        def sign_in(options: LoginOptions | None = None) -> str:
            return client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, login_options=options)

        with ThreadPoolExecutor(2) as pool:
            calls = [pool.submit(sign_in) for _ in range(2)]
            connections = [listener.accept()[0] for _ in calls]
            for connection in connections:
                connection.settimeout(30)
                while not connection.recv(1 << 16).endswith(b"}"):
                    pass
                body = b'{"maskedPhone": "+1*******23"}'
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)
            assert [call.result() for call in calls] == ["+1*******23"] * 2
        # From now on nothing is received, until the call is over.
        with pytest.raises(CallTimeoutError) as error:
            sign_in(LoginOptions(custom_claims={"text": "x" * 900_000}))
        assert error.value.outcome == "unknown"
        received = [length_until_end(connection) for connection in connections]
        assert sorted(length > 0 for length in received) == [False, True]


def length_until_end(connection: socket.socket) -> int:
    """Receives until the peer has closed the connection, and closes it."""
    length = 0
    with connection:
        while data := connection.recv(1 << 16):
            length += len(data)
    return length


def test_a_request_that_nobody_acknowledges_ends_before_the_deadline() -> None:
    become_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", "--net", *become_root, sys.executable, str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "CallTimeoutError unknown 1 the request was sent, but nothing of it was acknowledged in"
        " time (`connectTimeoutMs`): the connection is dead; the service may have processed the"
        " request\n"
    )
