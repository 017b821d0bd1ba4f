"""Connections that are dead although they look open, as after a NAT has forgotten them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync, DescopeError
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
