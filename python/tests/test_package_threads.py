"""Threads in Python: clients are shared, made, dropped and awaited at once, GIL or none."""

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

_TURNS = 25

IMPORTING = """
import sys
enabled = getattr(sys, "_is_gil_enabled", lambda: True)
before = enabled()
import descope_ml
print(before == enabled())
"""


@pytest.fixture
def _switching() -> Iterator[None]:
    """Lets threads take turns as often as can be, where they have to."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_the_package_does_not_bring_the_lock_back_to_a_free_threaded_python() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTING],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.usefixtures("_switching")
def test_clients_are_used_made_dropped_and_awaited_by_sixteen_threads(server: LocalServer) -> None:
    signer = Signer()
    server.keys = Reply(200, signer.key_set)
    token = signer.token()
    shared = DescopeClient(PROJECT, base_url=server.url)
    shared_async = DescopeClientAsync(PROJECT, base_url=server.url)
    together = threading.Barrier(16)

    def uses(client: DescopeClient) -> list[str]:
        sent = client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        return [str(sent), str(client.validate_session(token)["sub"])]

    def with_the_shared_one() -> list[str]:
        return uses(shared)

    def with_one_of_its_own() -> list[str]:
        client = DescopeClient(PROJECT, base_url=server.url)
        results = uses(client)
        client.close()
        return results

    def with_one_that_others_may_still_use() -> list[str]:
        return uses(DescopeClient(PROJECT, base_url=server.url))

    def in_a_loop_of_its_own() -> list[str]:
        async def call() -> list[str]:
            sent = await shared_async.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
            return [str(sent), str((await shared_async.validate_session(token))["sub"])]

        async def calls() -> list[str]:
            first, *others = await asyncio.gather(call(), call())
            assert others == [first]
            return first

        return asyncio.run(calls())

    ways = [with_the_shared_one, with_one_of_its_own, with_one_that_others_may_still_use]

    def turns(way: Callable[[], list[str]]) -> list[list[str]]:
        together.wait()
        return [way() for _ in range(_TURNS)]

    with ThreadPoolExecutor(16) as threads:
        results = threads.map(turns, [*ways, in_a_loop_of_its_own] * 4)
        expected = [MASKED, "U2test"]
        assert [one for each in results for one in each] == [expected] * (16 * _TURNS)
