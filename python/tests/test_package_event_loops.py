"""Awaited calls under asyncio, uvloop, trio and anyio: no thread, and cancelled with their task."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import anyio
import pytest

from descope_ml import ApiError, ArgumentError, DeliveryMethod, DescopeClientAsync, NetworkError
from event_loops import LOOPS, Main, each_loop
from local_server import MASKED, LocalServer, Reply
from tokens import PROJECT

PHONE = "+14155550123"
CALLS = 25


@pytest.fixture
def aclient(server: LocalServer) -> DescopeClientAsync:
    """A client of the local server that makes one attempt."""
    return DescopeClientAsync(PROJECT, base_url=server.url, max_attempts=1)


async def gather(calls: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """The results of concurrent calls, under any event loop."""
    results: list[Any] = [None] * len(calls)

    async def run_one(number: int) -> None:
        results[number] = await calls[number]()

    async with anyio.create_task_group() as group:
        for number in range(len(calls)):
            group.start_soon(run_one, number)
    return results


@each_loop
def test_calls_run_at_the_same_time(
    run: Callable[[Main], None], aclient: DescopeClientAsync, server: LocalServer
) -> None:
    # No response is sent before all requests have arrived.
    server.respond_together(CALLS)

    async def main() -> None:
        calls = [lambda: aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)] * CALLS
        assert await gather(calls) == [MASKED] * CALLS

    # Twice: each loop has a queue of its own.
    for _ in range(2):
        run(main)


@each_loop
def test_errors_are_raised_where_the_call_is_awaited(
    run: Callable[[Main], None], aclient: DescopeClientAsync
) -> None:
    nobody = DescopeClientAsync(PROJECT, base_url="http://127.0.0.1:1", max_attempts=1)

    async def main() -> None:
        with pytest.raises(ArgumentError):
            await aclient.magiclink.sign_in(DeliveryMethod.SMS, "")
        with pytest.raises(NetworkError) as caught:
            await nobody.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert caught.value.outcome == "not_sent"
        with pytest.raises(NetworkError):
            await nobody.warm_up()
        await aclient.warm_up()

    run(main)


@each_loop
def test_a_cancelled_task_cancels_its_call(
    run: Callable[[Main], None],
    aclient: DescopeClientAsync,
    server: LocalServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered = server.hold_responses()
    caplog.set_level(logging.DEBUG, "descope_ml")

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(aclient.magiclink.sign_in, DeliveryMethod.SMS, PHONE)
            while not server.received:
                await anyio.sleep(0.005)
            group.cancel_scope.cancel()
        # Without `add_reader`, a thread cancels the call. A response must not overtake it.
        while "DESCOPE_E_CANCELLED" not in caplog.text:
            await anyio.sleep(0.005)
        answered.set()
        # Its connection is not used again.
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    run(main)
    assert len({received.connection for received in server.received}) == 2
    cancelled = [line for line in caplog.messages if "DESCOPE_E_CANCELLED" in line]
    assert len(cancelled) == 1
    assert "outcome unknown, attempts 1" in cancelled[0]


@each_loop
def test_a_closed_coroutine_cancels_its_call(
    run: Callable[[Main], None],
    aclient: DescopeClientAsync,
    server: LocalServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered = server.hold_responses()
    caplog.set_level(logging.DEBUG, "descope_ml")

    async def main() -> None:
        coroutine = aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        coroutine.send(None)  # It runs until it waits.
        while not server.received:
            await anyio.sleep(0.005)
        coroutine.close()
        # Without `add_reader`, a thread cancels the call. A response must not overtake it.
        while "DESCOPE_E_CANCELLED" not in caplog.text:
            await anyio.sleep(0.005)
        answered.set()
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    run(main)
    assert len({received.connection for received in server.received}) == 2
    cancelled = [line for line in caplog.messages if "DESCOPE_E_CANCELLED" in line]
    assert len(cancelled) == 1
    assert "outcome unknown, attempts 1" in cancelled[0]


@each_loop
def test_the_error_of_a_call_does_not_refer_to_itself(
    run: Callable[[Main], None], aclient: DescopeClientAsync, server: LocalServer
) -> None:
    """Else it would keep the request, which may contain a token, until a garbage collection."""
    server.respond_with(400, {"errorCode": "E062108"})
    references: list[weakref.ref[ApiError]] = []

    async def main() -> None:
        try:
            await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        except ApiError as error:
            references.append(weakref.ref(error))
        await anyio.sleep(0)
        assert references[0]() is None

    gc.disable()
    try:
        run(main)
    finally:
        gc.enable()


@pytest.mark.parametrize("run", [run for name, run in LOOPS.items() if "add_reader" not in name])
def test_no_thread_is_started(
    run: Callable[[Main], None], aclient: DescopeClientAsync, server: LocalServer
) -> None:
    arrived = threading.Semaphore(0)
    answered = threading.Event()

    def answer() -> Reply:
        arrived.release()
        assert answered.wait(30)
        return Reply()

    server.answer = answer
    names: list[str] = []

    async def watch() -> dict[str, Any]:
        for _ in range(CALLS):
            while not arrived.acquire(blocking=False):
                await anyio.sleep(0.005)
        names.extend(thread.name for thread in threading.enumerate())
        answered.set()
        return {}

    async def main() -> None:
        call: Callable[[], Awaitable[Any]] = lambda: aclient.magiclink.sign_in(  # noqa: E731
            DeliveryMethod.SMS, PHONE
        )
        await gather([*([call] * CALLS), watch])

    run(main)
    assert not [name for name in names if name.startswith("descope")]


def test_loops_in_several_threads_share_a_client(
    aclient: DescopeClientAsync, server: LocalServer
) -> None:
    server.respond_together(4)
    results: list[str] = []

    async def main() -> None:
        results.append(await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE))

    runs = [LOOPS["asyncio"], LOOPS["trio"], LOOPS["uvloop"], LOOPS["trio"]]
    threads = [threading.Thread(target=run, args=(main,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [MASKED] * 4
