"""A refresh store: its lock, what it stores, how long, and what happens if it fails.

Each store object stands for a process. Calls that follow each other share nothing in memory.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import multiprocessing
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from typing import Any

import pytest
import redis
import redis.asyncio
import trio
from freezegun import freeze_time

from descope_ml import ApiError, ConfigError
from descope_ml.refresh_store import RefreshStore
from descope_ml.sealed_answers import RefreshSecret
from support import hosts
from support.programs import TIMEOUT_SECONDS
from support.refresh_server import RefreshServer, run_refresh_server
from support.refresh_stores import KINDS, Process, client_of
from support.tokens import CLAIMS, token_placeholders
from support.web_sites import configure_django

TOKENS = token_placeholders()
REFRESH = TOKENS["REFRESH"]
NEW_REFRESH = TOKENS["NEW_REFRESH"]


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis that all tests share."""
    with hosts.run_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis."""
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
def stored(redis_url: str) -> redis.Redis:
    """A client that sees what is stored."""
    return redis.Redis.from_url(redis_url, decode_responses=True)


@pytest.fixture
def service() -> Iterator[RefreshServer]:
    """A service whose refresh tokens work once, and that holds no answer."""
    with run_refresh_server() as server:
        server.release()
        yield server


@pytest.fixture
def silent_url() -> Iterator[str]:
    """The URL of a Redis that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def not_called(token: str) -> dict[str, Any]:
    """For refreshes that get no answer of another process."""
    raise AssertionError(token)


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_for_later_calls_with_the_same_token(
    kind: str, is_async: bool, service: RefreshServer, redis_url: str
) -> None:
    first, second = (Process(service, kind, redis_url, is_async) for _ in range(2))
    login = first.refresh()
    assert login["refreshSessionToken"]["jwt"] == NEW_REFRESH
    assert second.refresh() == login
    assert second.refresh(NEW_REFRESH) == login
    assert service.refreshes == [f"Bearer P2test:{token}" for token in (REFRESH, NEW_REFRESH)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stored_is_unreadable_without_the_old_token_and_expires(
    kind: str, service: RefreshServer, redis_url: str, stored: redis.Redis
) -> None:
    Process(service, kind, redis_url).refresh()
    (name,) = stored.keys()
    assert 0 < stored.ttl(name) <= 30
    raw = redis.Redis.from_url(redis_url).get(name)
    assert isinstance(raw, bytes)
    tokens = (REFRESH, NEW_REFRESH, TOKENS["SESSION"])
    secrets = {CLAIMS["sub"], "sessionToken", *(part for token in tokens for part in parts(token))}
    sealed = sealed_text(raw)
    for text in (name, raw.decode("latin-1"), base64.b64decode(sealed[7:]).decode("latin-1")):
        assert [secret for secret in secrets if secret in text] == []
    opened = RefreshSecret(REFRESH).open(sealed)
    assert opened is not None
    assert opened["login"]["refreshSessionToken"]["jwt"] == NEW_REFRESH
    assert RefreshSecret(NEW_REFRESH).open(sealed) is None


def parts(token: str) -> list[str]:
    """A token, its parts, and what the parts contain."""
    encoded = token.split(".")
    texts = [base64.urlsafe_b64decode(part + "==").decode("latin-1") for part in encoded]
    return [token, *encoded, *texts]


def sealed_text(raw: bytes) -> str:
    """The stored text, whatever a serializer has put around it."""
    found = re.search(rb"sealed [\w+/=]+", raw)
    assert found is not None
    return found.group().decode()


@pytest.mark.parametrize("change", ["a bit", "another name", "no base64", "a prefix"])
def test_an_answer_that_was_changed_is_not_used(
    change: str,
    service: RefreshServer,
    redis_url: str,
    stored: redis.Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.is_single_use = False
    Process(service, "redis", redis_url).refresh()
    (name,) = stored.keys()
    text = str(stored.get(name))
    if change == "a bit":
        stored.set(name, text[:20] + ("A" if text[20] != "A" else "B") + text[21:])
    elif change == "another name":
        login = RefreshSecret(REFRESH).open(text)
        stored.set(name, RefreshSecret(NEW_REFRESH).seal(login or {}))
    else:
        stored.set(name, {"no base64": "sealed ?", "a prefix": "sealed AAAA"}[change])
    assert Process(service, "redis", redis_url).refresh()["userId"] == CLAIMS["sub"]
    assert len(service.refreshes) == 2
    assert "the refresh store failed: an answer was changed." in caplog.text


def test_a_forged_session_is_not_accepted_and_claims_come_from_the_token(
    service: RefreshServer, redis_url: str, stored: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever holds the old token can seal an answer. So it counts only what the service signed."""
    service.is_single_use = False
    process = Process(service, "redis", redis_url)
    login = process.refresh()
    secret = RefreshSecret(REFRESH)
    promoted = {**login, "userId": "U2root", "roles": ["owner"]}
    promoted["sessionToken"] = {**login["sessionToken"], "sub": "U2root", "roles": ["owner"]}
    stored.set(secret.name, secret.seal({"login": promoted}))
    assert process.refresh() == login
    assert len(service.refreshes) == 1
    promoted["sessionToken"]["jwt"] = TOKENS["WRONG_KEY"]
    stored.set(secret.name, secret.seal({"login": promoted}))
    assert process.refresh() == login
    assert len(service.refreshes) == 2
    assert "the session of an answer is not valid" in caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_rejected_refresh_is_shared(
    kind: str, service: RefreshServer, redis_url: str, stored: redis.Redis
) -> None:
    service.refreshes.append(f"Bearer P2test:{REFRESH}")
    errors = []
    for _ in range(2):
        with pytest.raises(ApiError) as caught:
            Process(service, kind, redis_url).refresh()
        errors.append(caught.value)
    assert errors[0].document == errors[1].document
    assert (errors[1].error_code, errors[1].outcome) == ("E061005", "refused")
    assert len(service.refreshes) == 2
    assert 0 < stored.ttl(stored.keys()[0]) <= 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_async", [True, False])
def test_a_store_that_never_answers_is_given_up_and_logged_once(
    kind: str,
    is_async: bool,
    service: RefreshServer,
    silent_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    process = Process(service, kind, silent_url, is_async, timeout_seconds=0.2)
    assert process.refresh()["userId"] == CLAIMS["sub"]
    assert process.refresh(NEW_REFRESH)["userId"] == CLAIMS["sub"]
    (record,) = (record for record in caplog.records if record.levelno == logging.WARNING)
    assert record.name == "descope_ml"
    assert "the refresh store failed: it does not respond in time." in record.message


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_is_not_there_is_given_up(
    kind: str, service: RefreshServer, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"redis://:secret@127.0.0.1:{listener.getsockname()[1]}/0"
    assert Process(service, kind, url).refresh()["userId"] == CLAIMS["sub"]
    assert "the refresh store failed: " in caplog.text
    assert "secret" not in caplog.text


def test_if_the_process_with_the_lock_dies_another_one_refreshes(
    service: RefreshServer, redis_url: str
) -> None:
    program = f"""
import os, redis
from descope_ml.refresh_store import RefreshStore
store = RefreshStore(redis.Redis.from_url({redis_url!r}), lock_seconds=1)
store.refresh({REFRESH!r}, lambda: os._exit(7), str)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 7
    login = Process(service, "redis", redis_url, lock_seconds=1).refresh()
    assert login["refreshSessionToken"]["jwt"] == NEW_REFRESH
    assert Process(service, "redis", redis_url).refresh() == login


@pytest.mark.parametrize("clock", [nullcontext(), freeze_time(datetime.now(timezone.utc))])
def test_a_lock_that_never_expires_is_given_up(
    clock: AbstractContextManager[Any],
    service: RefreshServer,
    redis_url: str,
    stored: redis.Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also in a test that has stopped the clocks of Python."""
    stored.set(RefreshSecret(REFRESH).name, "lock forever")
    with clock:
        login = Process(service, "redis", redis_url, lock_seconds=1).refresh()
    assert login["userId"] == CLAIMS["sub"]
    assert "the refresh store failed: a lock does not expire." in caplog.text
    assert stored.get(RefreshSecret(REFRESH).name) == "lock forever"


def test_a_failure_does_not_replace_the_answer_of_another_process(
    service: RefreshServer, redis_url: str, stored: redis.Redis
) -> None:
    """The lock of a slow process expires. Another one takes over, and then the slow one fails."""
    process = Process(service, "redis", redis_url)

    def refresh_slowly() -> dict[str, Any]:
        stored.delete(RefreshSecret(REFRESH).name)
        with ThreadPoolExecutor(1) as other:
            answers.append(other.submit(asyncio.run, process.refresh_async()).result())
        raise failure

    answers: list[dict[str, Any]] = []
    failure = ApiError(401)
    with pytest.raises(ApiError) as caught:
        process.store.refresh(REFRESH, refresh_slowly, not_called)
    assert caught.value is failure
    assert process.refresh() == answers[0]
    assert len(service.refreshes) == 1


@pytest.mark.parametrize("kind", ["redis", "django"])
def test_a_program_that_fails_gives_the_lock_back(
    kind: str, service: RefreshServer, redis_url: str, stored: redis.Redis
) -> None:
    def fail() -> dict[str, Any]:
        assert len(stored.keys()) == 1
        raise KeyboardInterrupt

    process = Process(service, kind, redis_url)
    with pytest.raises(KeyboardInterrupt):
        process.store.refresh(REFRESH, fail, not_called)
    assert stored.keys() == []
    assert process.refresh()["userId"] == CLAIMS["sub"]


def test_threads_of_a_process_whose_first_call_was_stopped_refresh_once(
    service: RefreshServer, redis_url: str
) -> None:
    process = Process(service, "redis", redis_url)

    def stop() -> dict[str, Any]:
        calls.extend(pool.submit(process.refresh) for _ in range(10))
        raise KeyboardInterrupt

    calls: list[Any] = []
    with ThreadPoolExecutor(10) as pool:
        with pytest.raises(KeyboardInterrupt):
            process.store.refresh(REFRESH, stop, not_called)
        logins = [call.result(TIMEOUT_SECONDS) for call in calls]
    assert [login for login in logins if login != logins[0]] == []
    assert len({id(login) for login in logins}) == len(logins) == 10
    assert len(service.refreshes) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_refresh_goes_on_if_its_coroutine_is_cancelled(kind: str, redis_url: str) -> None:
    async def main(process: Process) -> list[dict[str, Any]]:
        async with process.connections():
            calls = [asyncio.ensure_future(process.refresh_async()) for _ in range(5)]
            await asyncio.get_running_loop().run_in_executor(None, server.wait_for_refresh)
            calls[0].cancel()
            with pytest.raises(asyncio.CancelledError):
                await calls[0]
            server.release()
            return await asyncio.gather(*calls[1:])

    with run_refresh_server() as server:
        logins = asyncio.run(main(Process(server, kind, redis_url)))
        assert [login["refreshSessionToken"]["jwt"] for login in logins] == [NEW_REFRESH] * 4
        assert len(server.refreshes) == 1


def test_a_forked_child_uses_the_store_of_its_parent(
    service: RefreshServer, redis_url: str
) -> None:
    process = Process(service, "redis", redis_url)
    login = process.refresh()

    def check() -> None:
        assert process.refresh() == login

    children = [multiprocessing.get_context("fork").Process(target=check) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(TIMEOUT_SECONDS)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert len(service.refreshes) == 1


def test_the_default_cache_of_django_is_taken(service: RefreshServer) -> None:
    configure_django()
    from django.core.cache import cache  # type: ignore[import-untyped]

    cache.clear()
    process = Process(service, "django", "redis://127.0.0.1/0")
    process.store = RefreshStore.of(cache)
    assert process.refresh() == process.refresh()
    assert len(service.refreshes) == 1


def test_under_trio_nothing_is_shared_and_the_log_says_so(
    service: RefreshServer, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(service, "redis", redis_url)
    assert trio.run(process.refresh_async)["userId"] == CLAIMS["sub"]
    with pytest.raises(ApiError):
        trio.run(process.refresh_async)
    assert caplog.text.count("the refresh store failed: it needs asyncio.") == 1


def test_stores_of_the_wrong_kind_are_rejected(redis_url: str) -> None:
    with pytest.raises(ConfigError, match="`refresh_store` cannot be a dict"):
        RefreshStore({})
    store = RefreshStore.of(client_of("asyncio", redis_url))
    assert RefreshStore.of(store) is store
    with pytest.raises(ConfigError, match=r"pass a `redis\.Redis`"):
        store.require_blocking()
    with pytest.raises(ConfigError, match=r"pass a `redis\.Redis`"):
        store.refresh(REFRESH, dict, not_called)
