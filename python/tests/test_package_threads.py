"""Threads: clients are shared, made, dropped and awaited in parallel, with and without the GIL."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync
from local_server import MASKED, LocalServer, Reply
from tokens import PROJECT, Signer

PHONE = "+14155550123"

_CALLS_PER_THREAD = 25

IMPORTING = """
import sys
enabled = getattr(sys, "_is_gil_enabled", lambda: True)
before = enabled()
import descope_ml
print(before == enabled())
"""


@pytest.fixture
def _frequent_thread_switches() -> Iterator[None]:
    """Makes Python switch threads as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_the_import_does_not_enable_the_gil_of_a_free_threaded_python() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTING],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.usefixtures("_frequent_thread_switches")
def test_sixteen_threads_use_make_drop_and_await_clients(server: LocalServer) -> None:
    signer = Signer()
    server.keys = Reply(200, signer.key_set)
    token = signer.token()
    shared = DescopeClient(PROJECT, base_url=server.url)
    shared_async = DescopeClientAsync(PROJECT, base_url=server.url)
    all_started = threading.Barrier(16)

    def results_of(client: DescopeClient) -> list[str]:
        sent = client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        return [str(sent), str(client.validate_session(token)["sub"])]

    def with_the_shared_client() -> list[str]:
        return results_of(shared)

    def with_a_new_client_that_is_closed() -> list[str]:
        client = DescopeClient(PROJECT, base_url=server.url)
        results = results_of(client)
        client.close()
        return results

    def with_a_new_client_that_is_dropped() -> list[str]:
        return results_of(DescopeClient(PROJECT, base_url=server.url))

    def with_the_async_client_in_a_new_loop() -> list[str]:
        async def call() -> list[str]:
            sent = await shared_async.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
            return [str(sent), str((await shared_async.validate_session(token))["sub"])]

        async def calls() -> list[str]:
            first, *others = await asyncio.gather(call(), call())
            assert others == [first]
            return first

        return asyncio.run(calls())

    ways = [
        with_the_shared_client,
        with_a_new_client_that_is_closed,
        with_a_new_client_that_is_dropped,
    ]

    def repeat(way: Callable[[], list[str]]) -> list[list[str]]:
        all_started.wait()
        return [way() for _ in range(_CALLS_PER_THREAD)]

    with ThreadPoolExecutor(16) as threads:
        results = threads.map(repeat, [*ways, with_the_async_client_in_a_new_loop] * 4)
        expected = [MASKED, "U2test"]
        assert [one for each in results for one in each] == [expected] * (16 * _CALLS_PER_THREAD)
