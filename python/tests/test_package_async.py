"""The client for asyncio: the same methods, and an event loop that is never blocked."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from descope_ml import (
    ApiError,
    ArgumentError,
    ConfigError,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    TokenError,
)
from descope_ml.client_base import ClientBase
from local_server import MASKED, LocalServer, Reply
from tokens import PROJECT, Signer

PHONE = "+14155550123"

Main = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
def run() -> Iterator[Callable[[Main], None]]:
    """Runs a coroutine on a new loop. Errors that asyncio would only log fail the test."""
    logged_errors: list[dict[str, Any]] = []

    async def with_exception_handler(main: Main) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: logged_errors.append(what))
        await main()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield lambda main: asyncio.run(with_exception_handler(main))
        gc.collect()
    assert logged_errors == []


@pytest.fixture
def aclient(server: LocalServer) -> DescopeClientAsync:
    """A client of the local server that makes one attempt."""
    return DescopeClientAsync(PROJECT, base_url=server.url, max_attempts=1)


class IterationCounter(Mapping[str, int]):
    """Its value is the number of iterations over it that were started."""

    started = 0

    def __iter__(self) -> Iterator[str]:
        """The one key."""
        self.started += 1
        return iter(["started"])

    def __len__(self) -> int:
        """One."""
        return 1

    def __getitem__(self, _: str) -> int:
        """The number until now."""
        return self.started


def thread_count() -> int:
    """The number of threads of this process, including those that Python did not start."""
    return len(list(Path("/proc/self/task").iterdir()))


def wait_for(condition: Callable[[], bool]) -> None:
    """Waits until a condition is true."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.005)


def test_async_methods_have_the_signatures_of_the_sync_ones() -> None:
    pairs: list[tuple[Any, Any]] = [
        (DescopeClient("P"), DescopeClientAsync("P")),
        (DescopeClient("P").magiclink, DescopeClientAsync("P").magiclink),
        (DescopeClient("P").mgmt.user, DescopeClientAsync("P").mgmt.user),
    ]
    for one, other in pairs:
        coroutines = 0
        names = [name for name in dir(one) if not name.startswith("_") and name != "close"]
        for name in names:
            method, coroutine = getattr(one, name), getattr(other, name)
            if not inspect.ismethod(method):
                continue
            assert inspect.signature(method) == inspect.signature(coroutine), name
            assert inspect.getdoc(coroutine)
            runs_locally = hasattr(ClientBase, name)  # Such as `validate_permissions`.
            assert inspect.iscoroutinefunction(coroutine) is not runs_locally, name
            coroutines += not runs_locally
        assert coroutines > 0, one


def test_async_methods_return_and_raise_what_the_sync_ones_do(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        async with aclient as client:
            assert client is aclient
            assert await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED
            server.respond_with(200, {"userId": "U2test"})
            assert await client.me("r-jwt") == {"userId": "U2test"}
            server.respond_with(400, {"errorCode": "E062108"})
            with pytest.raises(ApiError) as caught:
                await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
            assert (caught.value.error_code, caught.value.outcome) == ("E062108", "refused")
            with pytest.raises(ArgumentError) as refused:
                await client.refresh_session("")
            assert refused.value.error_type == "invalid token"

    run(main)


def test_calls_do_not_block_the_event_loop(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    all_arrived = threading.Barrier(8)

    def answer() -> Reply:
        all_arrived.wait()  # No call gets its response before all of them have arrived.
        return Reply()

    server.answer = answer

    async def main() -> None:
        calls = [aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) for _ in range(8)]
        assert await asyncio.gather(*calls) == [MASKED] * 8

    run(main)


def test_validation_with_cached_keys_finishes_at_once(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    token = signer.token()

    async def main() -> None:
        first = await aclient.validate_session(token)
        coroutine = aclient.validate_session(token)
        with pytest.raises(StopIteration) as ended:
            coroutine.send(None)  # It finishes without waiting.
        assert ended.value.value == first
        assert server.key_fetches == 1
        with pytest.raises(TokenError) as caught:
            await aclient.validate_session("not-a-token")
        assert caught.value.reason == "malformed"

    run(main)


def test_an_invalid_session_is_refreshed(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    server.respond_with(200, {"sessionJwt": signer.token()})

    async def main() -> None:
        other = Signer(signer.kid).token()
        refresh_token = signer.token("DSR")
        result = await aclient.validate_and_refresh_session(other, refresh_token)
        assert result["refreshSessionToken"]["jwt"] == refresh_token
        result = await aclient.validate_and_refresh_session(result["sessionToken"]["jwt"], "")
        assert "cookieData" not in result
        with pytest.raises(ArgumentError):
            await aclient.validate_and_refresh_session("", refresh_token)

    run(main)


def test_the_result_of_a_cancelled_call_is_dropped(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    answered = server.hold_responses(Reply(500, "down"))

    async def main() -> None:
        call = asyncio.ensure_future(aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE))
        while not server.received:
            await asyncio.sleep(0.005)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        answered.set()
        server.respond_with(200, {"maskedPhone": "again"})
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == "again"

    run(main)


def test_a_loop_can_be_closed_before_the_response_arrives(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    answered = server.hold_responses()

    async def abandon_call() -> None:
        call = asyncio.ensure_future(aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE))
        while not server.received:
            await asyncio.sleep(0.005)
        call.cancel()

    async def sign_in() -> None:
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    run(abandon_call)
    answered.set()
    run(sign_in)
    # The connection of the cancelled call is not used again.
    assert len({received.connection for received in server.received}) == 2


def queue_descriptor_count() -> int:
    """The number of descriptors of this process that event loops and their queues have."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # The descriptor of the folder itself.
            found += str(link.readlink()).startswith("anon_inode:")
    return found


def test_a_loop_that_is_closed_during_a_call_leaks_no_descriptor(
    aclient: DescopeClientAsync, server: LocalServer
) -> None:
    before = queue_descriptor_count()
    for number in range(5):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)  # It would log the pending task.
        call = aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        task = loop.create_task(call)
        loop.run_until_complete(asyncio.sleep(0))
        wait_for(lambda number=number: len(server.received) > number)  # type: ignore[misc]
        loop.close()
        del task, loop, call
    gc.collect()
    wait_for(lambda: queue_descriptor_count() == before)


def test_calls_reuse_the_connection(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        for _ in range(40):
            await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)

    run(main)
    assert len({request.connection for request in server.received}) == 1


def test_one_client_serves_several_loops(
    aclient: DescopeClientAsync, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    run(main)
    run(main)


def test_no_thread_is_left_after_a_call(
    aclient: DescopeClientAsync, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        before = thread_count()
        await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        wait_for(lambda: thread_count() <= before + 1)  # The server keeps the connection's thread.

    run(main)


def test_a_closed_client_raises_an_error(
    aclient: DescopeClientAsync, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        magiclink = aclient.magiclink
        await aclient.aclose()
        await aclient.aclose()
        with pytest.raises(ConfigError, match="the client is closed"):
            await aclient.me("r-jwt")
        with pytest.raises(ConfigError, match="the client is closed"):
            await magiclink.verify("t0ken")

    run(main)


def test_a_part_can_be_closed_alone(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        aclient.magiclink.close()
        aclient.mgmt.close()
        with pytest.raises(ConfigError, match="the client is closed"):
            await aclient.magiclink.verify("t0ken")
        with pytest.raises(ConfigError, match="the client is closed"):
            await aclient.mgmt.user.delete_all_test_users()
        server.respond_with(200, {"userId": "U2test"})
        assert await aclient.me("r-jwt") == {"userId": "U2test"}

    run(main)


def test_a_token_is_not_sent_with_the_call_of_another_user(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    refresh_token = signer.token("DSR")
    cookie = f"DSR={refresh_token}; Path=/; Secure; HttpOnly"

    async def main() -> None:
        server.respond_with(200, {"sessionJwt": signer.token()}, Set_Cookie=cookie)
        result = await aclient.magiclink.verify("t0ken")
        assert result["refreshSessionToken"]["jwt"] == refresh_token
        server.respond_with(200, {"maskedPhone": MASKED})
        await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert refresh_token not in str(server.last.headers)

    run(main)


ENDING = """
import asyncio, sys, descope_ml
client = descope_ml.DescopeClientAsync("P", base_url=sys.argv[1])

async def main():
    call = client.magiclink.sign_in(descope_ml.DeliveryMethod.SMS, "u")
    try:
        await asyncio.wait_for(call, 0.2)
    except asyncio.TimeoutError:
        print("gave up")

asyncio.run(main())
"""


def test_a_program_can_exit_during_a_call(server: LocalServer) -> None:
    ended = server.hold_responses()
    command = [sys.executable, "-c", ENDING, server.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    ended.set()
    assert (done.returncode, done.stdout, done.stderr) == (0, "gave up\n", "")


def test_threads_with_their_own_loops_share_a_client(
    aclient: DescopeClientAsync, server: LocalServer
) -> None:
    async def main() -> list[str]:
        calls = [aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) for _ in range(5)]
        return await asyncio.gather(*calls)

    with ThreadPoolExecutor(4) as loops:
        results = list(loops.map(lambda _: asyncio.run(main()), range(8)))
    assert results == [[MASKED] * 5] * 8
    assert len(server.received) == 40


def test_an_async_request_is_encoded_once_as_a_sync_one(
    run: Callable[[Main], None],
    server: LocalServer,
    client: DescopeClient,
    aclient: DescopeClientAsync,
) -> None:
    """So the request that was checked is the one that is sent."""

    async def main() -> None:
        options = {"customClaims": IterationCounter()}
        await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE, login_options=options)

    client.magiclink.sign_in(
        DeliveryMethod.SMS, PHONE, login_options={"customClaims": IterationCounter()}
    )
    run(main)
    sync, asynchronous = (one.body["loginOptions"]["customClaims"] for one in server.received)
    assert sync == asynchronous
