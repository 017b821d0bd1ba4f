"""The client for asyncio: the same calls, and an event loop that is never held up."""

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
from local_server import MASKED, LocalServer, Reply
from tokens import PROJECT, Signer

PHONE = "+14155550123"

Main = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
def run() -> Iterator[Callable[[Main], None]]:
    """Runs a coroutine on a loop of its own; what asyncio would only write down is a failure."""
    complaints: list[dict[str, Any]] = []

    async def listening(main: Main) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        await main()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield lambda main: asyncio.run(listening(main))
        gc.collect()
    assert complaints == []


@pytest.fixture
def aclient(server: LocalServer) -> DescopeClientAsync:
    """A client of the server, which tries once."""
    return DescopeClientAsync(PROJECT, base_url=server.url, max_attempts=1)


class Counting(Mapping[str, int]):
    """Its value tells how often somebody has begun to go through it."""

    begun = 0

    def __iter__(self) -> Iterator[str]:
        """The one key."""
        self.begun += 1
        return iter(["begun"])

    def __len__(self) -> int:
        """One."""
        return 1

    def __getitem__(self, _: str) -> int:
        """How often until now."""
        return self.begun


def threads() -> int:
    """How many threads this process has, those included that Python knows nothing of."""
    return len(list(Path("/proc/self/task").iterdir()))


def wait_for(condition: Callable[[], bool]) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.005)


def test_every_call_is_the_same_to_be_awaited() -> None:
    pairs: list[tuple[Any, Any]] = [
        (DescopeClient("P"), DescopeClientAsync("P")),
        (DescopeClient("P").magiclink, DescopeClientAsync("P").magiclink),
        (DescopeClient("P").mgmt.user, DescopeClientAsync("P").mgmt.user),
    ]
    awaited = 0
    for one, other in pairs:
        names = [name for name in dir(one) if not name.startswith("_") and name != "close"]
        for name in names:
            plain, coroutine = getattr(one, name), getattr(other, name)
            if not inspect.ismethod(plain):
                continue
            assert inspect.signature(plain) == inspect.signature(coroutine), name
            assert inspect.getdoc(coroutine)
            awaited += inspect.iscoroutinefunction(coroutine)
    assert awaited == 10 + 6 + 3


def test_calls_are_awaited(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        async with aclient as client:
            assert client is aclient
            assert await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED
            server.always(200, {"userId": "U2test"})
            assert await client.me("r-jwt") == {"userId": "U2test"}
            server.always(400, {"errorCode": "E062108"})
            with pytest.raises(ApiError) as caught:
                await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
            assert (caught.value.error_code, caught.value.outcome) == ("E062108", "refused")
            with pytest.raises(ArgumentError) as refused:
                await client.refresh_session("")
            assert refused.value.error_type == "invalid token"

    run(main)


def test_the_loop_runs_on_while_calls_are_under_way(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    all_arrived = threading.Barrier(8)

    def answer() -> Reply:
        all_arrived.wait()  # No call is answered before all of them are there.
        return Reply()

    server.answer = answer

    async def main() -> None:
        calls = [aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) for _ in range(8)]
        assert await asyncio.gather(*calls) == [MASKED] * 8

    run(main)


def test_a_session_is_validated_at_once_when_the_keys_are_known(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    token = signer.token()

    async def main() -> None:
        first = await aclient.validate_session(token)
        coroutine = aclient.validate_session(token)
        with pytest.raises(StopIteration) as ended:
            coroutine.send(None)  # Ends without having waited for anything.
        assert ended.value.value == first
        assert server.key_fetches == 1
        with pytest.raises(TokenError) as caught:
            await aclient.validate_session("not-a-token")
        assert caught.value.reason == "malformed"

    run(main)


def test_a_session_that_does_not_hold_is_refreshed(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    server.always(200, {"sessionJwt": signer.token()})

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


def test_a_cancelled_call_is_dropped_without_a_word(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    answered = threading.Event()

    def answer() -> Reply:
        assert answered.wait(30)
        return Reply(500, "down")

    server.answer = answer

    async def main() -> None:
        call = asyncio.ensure_future(aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE))
        while not server.received:
            await asyncio.sleep(0.005)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        answered.set()
        server.always(200, {"maskedPhone": "again"})
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == "again"

    run(main)


def test_a_loop_may_be_gone_before_the_answer_comes(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    answered = threading.Event()

    def answer() -> Reply:
        assert answered.wait(30)
        return Reply()

    server.answer = answer
    before = threads()

    async def main() -> None:
        call = asyncio.ensure_future(aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE))
        while not server.received:
            await asyncio.sleep(0.005)
        call.cancel()

    run(main)
    assert threads() > before
    answered.set()
    wait_for(lambda: threads() <= before + 1)  # The server's thread of the connection may stay.


def pipes() -> int:
    """How many descriptors of this process are ends of pipes."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # The one of the folder itself.
            found += str(link.readlink()).startswith("pipe:")
    return found


def test_a_loop_that_is_closed_in_the_middle_of_a_call_leaves_nothing_open(
    aclient: DescopeClientAsync, server: LocalServer
) -> None:
    before = pipes()
    for number in range(5):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)  # Which says that the task was dropped.
        call = aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        task = loop.create_task(call)
        loop.run_until_complete(asyncio.sleep(0))
        wait_for(lambda number=number: len(server.received) > number)  # type: ignore[misc]
        loop.close()
        del task, loop, call
    gc.collect()
    wait_for(lambda: pipes() == before)


def test_connections_are_kept_from_call_to_call(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        for _ in range(40):
            await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)

    run(main)
    assert len({request.connection for request in server.received}) == 1


def test_one_client_serves_one_loop_after_another(
    aclient: DescopeClientAsync, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        assert await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) == MASKED

    run(main)
    run(main)


def test_no_thread_is_left_between_calls(
    aclient: DescopeClientAsync, run: Callable[[Main], None]
) -> None:
    async def main() -> None:
        before = threads()
        await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        wait_for(lambda: threads() <= before + 1)  # The server keeps one for the connection.

    run(main)


def test_a_closed_client_says_so(aclient: DescopeClientAsync, run: Callable[[Main], None]) -> None:
    async def main() -> None:
        magiclink = aclient.magiclink
        await aclient.aclose()
        await aclient.aclose()
        with pytest.raises(ConfigError, match="the client is closed"):
            await aclient.me("r-jwt")
        with pytest.raises(ConfigError, match="the client is closed"):
            await magiclink.verify("t0ken")

    run(main)


def test_no_users_token_travels_with_the_call_of_another(
    aclient: DescopeClientAsync, server: LocalServer, run: Callable[[Main], None]
) -> None:
    signer = Signer()
    server.keys.status, server.keys.body = 200, signer.key_set
    refresh_token = signer.token("DSR")
    cookie = f"DSR={refresh_token}; Path=/; Secure; HttpOnly"

    async def main() -> None:
        server.always(200, {"sessionJwt": signer.token()}, Set_Cookie=cookie)
        result = await aclient.magiclink.verify("t0ken")
        assert result["refreshSessionToken"]["jwt"] == refresh_token
        server.always(200, {"maskedPhone": MASKED})
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


def test_a_program_may_end_while_a_call_is_under_way(server: LocalServer) -> None:
    ended = threading.Event()

    def answer() -> Reply:
        assert ended.wait(30)
        return Reply()

    server.answer = answer
    command = [sys.executable, "-c", ENDING, server.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    ended.set()
    assert (done.returncode, done.stdout, done.stderr) == (0, "gave up\n", "")


def test_threads_with_loops_of_their_own_share_a_client(
    aclient: DescopeClientAsync, server: LocalServer
) -> None:
    async def main() -> list[str]:
        calls = [aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE) for _ in range(5)]
        return await asyncio.gather(*calls)

    with ThreadPoolExecutor(4) as loops:
        results = list(loops.map(lambda _: asyncio.run(main()), range(8)))
    assert results == [[MASKED] * 5] * 8
    assert len(server.received) == 40


def test_what_is_awaited_is_written_as_often_as_what_is_waited_for(
    run: Callable[[Main], None],
    server: LocalServer,
    client: DescopeClient,
    aclient: DescopeClientAsync,
) -> None:
    """So what has been checked is what is sent."""

    async def main() -> None:
        options = {"customClaims": Counting()}
        await aclient.magiclink.sign_in(DeliveryMethod.SMS, PHONE, login_options=options)

    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE, login_options={"customClaims": Counting()})
    run(main)
    waited, awaited = (one.body["loginOptions"]["customClaims"] for one in server.received)
    assert waited == awaited
