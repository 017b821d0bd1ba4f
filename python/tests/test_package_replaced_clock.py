"""The clock of a test: freezegun, time-machine and `descope_ml.testing.clock`."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta, timezone
from email.utils import formatdate
from typing import Any
from unittest.mock import patch

import freezegun
import pytest
import time_machine

import descope_ml
from descope_ml import DescopeClient, DescopeClientAsync, TokenError
from descope_ml.testing import clock
from local_server import Handler, LocalServer, Reply
from tokens import PROJECT, Signer

HOUR = timedelta(hours=1)
Clock = Callable[[timedelta], "AbstractContextManager[Any]"]


def now() -> datetime:
    return datetime.now(timezone.utc)


def patched_time(offset: timedelta) -> AbstractContextManager[Any]:
    return patch("time.time", return_value=time.time() + offset.total_seconds())


# Each sets the clock, by its distance from the real one.
CLOCKS: dict[str, Clock] = {
    "freezegun": lambda offset: freezegun.freeze_time(now() + offset),
    "freezegun ticking": lambda offset: freezegun.freeze_time(now() + offset, tick=True),
    "freezegun with a zone": lambda offset: freezegun.freeze_time(now() + offset, tz_offset=-7),
    "time-machine": lambda offset: time_machine.travel(now() + offset),
    "time-machine, still": lambda offset: time_machine.travel(now() + offset, tick=False),
    "patch": patched_time,
    "a datetime": lambda offset: clock(now() + offset),
    "a timestamp": lambda offset: clock((now() + offset).timestamp()),
    "an offset": clock,
}

each_clock = pytest.mark.parametrize("set_clock", CLOCKS.values(), ids=CLOCKS)


def validate(server: LocalServer, token: str) -> Any:
    return DescopeClient(PROJECT, base_url=server.url).validate_session(token)


def validate_with_cached_keys(server: LocalServer, token: str) -> Any:
    client = DescopeClient(PROJECT, base_url=server.url)
    with suppress(TokenError):
        client.validate_session(token)  # Fetches them.
    return client.validate_session(token)


def validate_in_a_thread(server: LocalServer, token: str) -> Any:
    client = DescopeClient(PROJECT, base_url=server.url)
    return result_of_a_thread(lambda: client.validate_session(token))


def validate_in_a_thread_without_client(server: LocalServer, token: str) -> Any:
    return result_of_a_thread(lambda: validate_without_client(server, token))


def result_of_a_thread(call: Callable[[], Any]) -> Any:
    """Few frames are between the call and `threading`: freezegun looks at five."""
    result: Future[Any] = Future()

    class Caller(threading.Thread):
        def run(self) -> None:
            try:
                result.set_result(call())
            except TokenError as error:
                result.set_exception(error)

    thread = Caller()
    thread.start()
    thread.join()
    return result.result()


def validate_in_a_pool(server: LocalServer, token: str) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(validate, server, token).result()


def validate_async(server: LocalServer, token: str) -> Any:
    async def run() -> Any:
        return await DescopeClientAsync(PROJECT, base_url=server.url).validate_session(token)

    return asyncio.run(run())


def validate_without_client(server: LocalServer, token: str) -> Any:
    request = {"sessionToken": token}
    return descope_ml.session_validate(request, project_id=PROJECT, base_url=server.url)


VALIDATIONS = [
    validate,
    validate_with_cached_keys,
    validate_in_a_thread,
    validate_in_a_thread_without_client,
    validate_in_a_pool,
    validate_async,
    validate_without_client,
]

each_validation = pytest.mark.parametrize("validate", VALIDATIONS)
Validation = Callable[[LocalServer, str], Any]


@pytest.fixture
def signer(server: LocalServer) -> Signer:
    """Signs tokens with the key of the project."""
    signer = Signer()
    server.keys = Reply(200, signer.key_set)
    return signer


def reason(validate: Validation, server: LocalServer, token: str) -> str:
    """Why a token is not valid; an empty string if it is."""
    try:
        assert validate(server, token)
    except TokenError as error:
        return str(error.reason)
    return ""


@each_clock
@each_validation
def test_a_token_expires_when_the_clock_says_so(
    validate: Validation, set_clock: Clock, server: LocalServer, signer: Signer
) -> None:
    token = signer.token()
    with set_clock(HOUR):
        assert reason(validate, server, token) == "expired"
    assert reason(validate, server, token) == ""


@each_clock
@each_validation
def test_a_token_that_has_expired_is_valid_when_the_clock_says_so(
    validate: Validation, set_clock: Clock, server: LocalServer, signer: Signer
) -> None:
    an_hour_ago = int(time.time() - 3600)
    token = signer.token(iat=an_hour_ago, exp=an_hour_ago + 600)
    with set_clock(-HOUR):
        assert reason(validate, server, token) == ""
    assert reason(validate, server, token) == "expired"


@each_clock
def test_a_token_of_the_future_is_not_valid_yet(
    set_clock: Clock, server: LocalServer, signer: Signer
) -> None:
    token = signer.token(nbf=int(time.time()) - 60)
    with set_clock(-HOUR):
        assert reason(validate, server, token) == "not_yet_valid"
    assert reason(validate, server, token) == ""


def test_the_clock_stands_still(server: LocalServer, signer: Signer) -> None:
    leeway = 5
    token = signer.token(iat=1_000_000, exp=2_000_000)
    client = DescopeClient(PROJECT, base_url=server.url, jwt_validation_leeway=leeway)
    with clock(2_000_000 + leeway - 0.001):
        assert client.validate_session(token)["userId"] == "U2test"
    with clock(2_000_000 + leeway), pytest.raises(TokenError):
        client.validate_session(token)


@each_clock
@pytest.mark.parametrize("client_class", [DescopeClient, DescopeClientAsync])
def test_the_refresh_token_of_the_caller_is_judged_by_the_clock(
    client_class: type[Any], set_clock: Clock, server: LocalServer, signer: Signer
) -> None:
    token = signer.token("DSR")

    async def refresh() -> Any:
        outcome = client_class(PROJECT, base_url=server.url).refresh_session(token)
        return await outcome if inspect.isawaitable(outcome) else outcome

    with set_clock(HOUR), pytest.raises(TokenError) as caught:
        asyncio.run(refresh())
    assert (caught.value.reason, caught.value.outcome) == ("expired", "not_sent")
    assert server.received == []
    server.respond_with(200, signer.session_response())
    assert asyncio.run(refresh())["sessionToken"]["sub"] == "U2test"


@each_clock
@pytest.mark.parametrize("offset", [HOUR, -HOUR])
def test_what_the_service_has_just_sent_is_judged_by_its_date(
    offset: timedelta,
    set_clock: Clock,
    server: LocalServer,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    date = formatdate(usegmt=True)
    monkeypatch.setattr(Handler, "date_time_string", lambda _: date)
    server.respond_with(200, signer.session_response())
    client = DescopeClient(PROJECT, base_url=server.url)
    with set_clock(offset):
        login = client.magiclink.verify("token")
        assert login["sessionToken"]["sub"] == "U2test"


def test_a_difference_between_the_clock_of_a_test_and_a_date_is_not_logged(
    server: LocalServer, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    server.respond_with(200, signer.session_response())
    client = DescopeClient(PROJECT, base_url=server.url)
    with clock(HOUR):
        client.magiclink.verify("token")
    client.magiclink.verify("token")
    assert not [record for record in caplog.records if "clock" in record.message]


def test_the_innermost_clock_counts(server: LocalServer, signer: Signer) -> None:
    token = signer.token()
    client = DescopeClient(PROJECT, base_url=server.url)

    def is_valid() -> bool:
        try:
            return bool(client.validate_session(token))
        except TokenError:
            return False

    with clock(HOUR):
        with clock(-HOUR):
            assert is_valid()  # Offsets add up.
        with clock(now()):
            assert is_valid()
            with clock(HOUR):
                assert not is_valid()
        assert not is_valid()
    with freezegun.freeze_time(now() + HOUR):
        assert not is_valid()
        with clock(-HOUR):
            assert is_valid()
        with clock(0), pytest.raises(TokenError, match="not valid yet"):
            client.validate_session(signer.token(nbf=int(time.time())))
    assert is_valid()


def test_blocks_of_two_threads_may_end_in_any_order(server: LocalServer, signer: Signer) -> None:
    token = signer.token()
    first, second = clock(HOUR), clock(HOUR)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert reason(validate, server, token) == "expired"
    second.__exit__(None, None, None)
    assert reason(validate, server, token) == ""


def test_an_exception_leaves_nothing_behind(server: LocalServer, signer: Signer) -> None:
    token = signer.token()
    with pytest.raises(KeyError), clock(HOUR):
        raise KeyError
    assert reason(validate, server, token) == ""


def test_an_awaited_call_keeps_the_clock_of_its_start(server: LocalServer, signer: Signer) -> None:
    """Also if the block has ended before the keys arrive, which the validation waits for."""
    client = DescopeClientAsync(PROJECT, base_url=server.url)
    token = signer.token()

    async def run() -> Any:
        with clock(HOUR):
            expired = asyncio.ensure_future(client.validate_session(token))
            await asyncio.sleep(0)  # The call starts.
        valid = asyncio.ensure_future(client.validate_session(token))
        return await asyncio.gather(expired, valid, return_exceptions=True)

    expired, valid = asyncio.run(run())
    assert isinstance(expired, TokenError)
    assert valid["userId"] == "U2test"


def test_a_mock_without_a_time_is_no_clock(server: LocalServer, signer: Signer) -> None:
    token = signer.token()
    with patch("time.time"):
        assert reason(validate, server, token) == ""


@pytest.mark.parametrize("time", [float("nan"), float("inf"), datetime(2026, 1, 1)])
def test_a_time_that_is_none_is_refused(time: datetime | float) -> None:
    with pytest.raises(ValueError, match=r"not finite|no time zone"), clock(time):
        pass


@pytest.mark.parametrize("seconds", [1e300, -1e300])
def test_a_time_that_cannot_be_represented_is_an_error(
    seconds: float, server: LocalServer, signer: Signer
) -> None:
    with clock(seconds), pytest.raises(descope_ml.ArgumentError, match="out of range"):
        validate(server, signer.token())


def test_a_time_before_1970_counts(server: LocalServer, signer: Signer) -> None:
    with clock(-3600):
        assert reason(validate, server, signer.token(nbf=60)) == "not_yet_valid"


def test_time_machine_may_be_imported_without_travelling(
    server: LocalServer, signer: Signer
) -> None:
    assert "time_machine" in sys.modules
    assert reason(validate, server, signer.token()) == ""


def test_a_program_without_these_packages_does_not_import_them() -> None:
    code = (
        "import sys, descope_ml.testing; "
        "print(sorted({'freezegun', 'time_machine'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
