"""Calls with the same refresh token that overlap share one request: threads and coroutines."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest

import descope_ml
from descope_ml import ApiError, DeliveryMethod, DescopeClient, DescopeClientAsync
from event_loops import Main, each_loop
from local_server import LocalServer, Reply
from tokens import PROJECT, Signer

CALLS = 10
REFRESH = "/v1/auth/refresh"

# Something that takes longer fails the test.
TIMEOUT_SECONDS = 60


class Service:
    """A service that accepts each refresh token once. It answers refreshes when it is open."""

    def __init__(self, server: LocalServer) -> None:
        """Answers the requests to the server."""
        self.server = server
        self.signer = Signer()
        self.expired = self.signer.token(exp=int(time.time()) - 60)
        self.refresh_token = self.signer.token("DSR")
        self.is_open = threading.Event()
        self.has_request = threading.Event()
        self._used: set[str] = set()
        server.answer = self._answer

    def _answer(self) -> Reply:
        if self.server.last.path != REFRESH:
            return Reply()
        bearer = self.server.last.headers["authorization"]
        is_used = bearer in self._used
        self._used.add(bearer)
        self.has_request.set()
        assert self.is_open.wait(TIMEOUT_SECONDS)
        if is_used:
            return Reply(401, '{"errorCode": "E061005"}')
        new = self.signer.token("DSR", jti="new")
        return Reply(200, json.dumps(self.signer.session_response(refreshJwt=new)))

    @property
    def refreshes(self) -> int:
        """How many requests for a refresh have arrived."""
        return [request.path for request in self.server.received].count(REFRESH)

    def config(self, **more: Any) -> dict[str, Any]:
        """The configuration of a client."""
        key = self.signer.public_key
        return {"project_id": PROJECT, "public_key": key, "base_url": self.server.url, **more}


@pytest.fixture
def service(server: LocalServer) -> Iterator[Service]:
    """A service on the local server."""
    service = Service(server)
    yield service
    service.is_open.set()


@pytest.fixture
def events() -> Iterator[list[dict[str, Any]]]:
    """The events of the calls of a test."""
    events: list[dict[str, Any]] = []
    descope_ml.set_event_handler(events.append)
    yield events
    descope_ml.set_event_handler(None)


def wait_until_asleep(threads: set[int]) -> None:
    """Waits until all of these threads have slept in the operating system for a while."""
    quiet = 0
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while quiet < 20:
        assert time.monotonic() < deadline
        stats = [Path(f"/proc/self/task/{one}/stat").read_text() for one in threads]
        quiet = quiet + 1 if all(stat.rpartition(") ")[2][0] == "S" for stat in stats) else 0
        threading.Event().wait(0.01)


def in_threads(service: Service, call: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    """Makes the call in ten threads at the same time."""
    threads: set[int] = set()
    started = threading.Barrier(CALLS + 1)

    def run() -> dict[str, Any]:
        threads.add(threading.get_native_id())
        started.wait(TIMEOUT_SECONDS)
        return call()

    with ThreadPoolExecutor(CALLS) as pool:
        results = [pool.submit(run) for _ in range(CALLS)]
        started.wait(TIMEOUT_SECONDS)
        assert service.has_request.wait(TIMEOUT_SECONDS)
        wait_until_asleep(threads)
        service.is_open.set()
        return [result.result(TIMEOUT_SECONDS) for result in results]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the threads in /proc")
def test_ten_threads_with_an_expired_session_send_one_refresh(service: Service) -> None:
    client = DescopeClient(**service.config())
    results = in_threads(
        service,
        lambda: client.validate_and_refresh_session(service.expired, service.refresh_token),
    )
    assert all(result == results[0] for result in results)
    assert results[0]["refreshSessionToken"]["jwt"] != service.refresh_token
    assert len(service.server.received) == 1
    with pytest.raises(ApiError):
        client.refresh_session(service.refresh_token)


@each_loop
def test_coroutines_share_a_refresh_and_a_cancelled_one_does_not_end_it(
    run: Callable[[Main], None], service: Service, events: list[dict[str, Any]]
) -> None:
    results: list[dict[str, Any]] = []

    async def main() -> None:
        client = DescopeClientAsync(**service.config())
        # In the order in which the calls start, which is not that of the tasks under trio.
        scopes: list[anyio.CancelScope] = []

        async def refresh() -> None:
            with anyio.CancelScope() as scope:
                scopes.append(scope)
                session = (service.expired, service.refresh_token)
                results.append(await client.validate_and_refresh_session(*session))

        async with anyio.create_task_group() as group:
            for _ in range(CALLS):
                group.start_soon(refresh)
            while not (service.has_request.is_set() and len(scopes) == CALLS):
                await anyio.sleep(0.001)
            # Calls take turns, so all that began before this one share the request when it is done.
            await client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
            # The one that has sent the request, and all others except two.
            for scope in scopes[: CALLS - 2]:
                scope.cancel()
            while len(refreshes_in(events)) < CALLS - 2:
                await anyio.sleep(0.001)
            service.is_open.set()

    run(main)
    assert service.refreshes == 1
    assert len(results) == 2
    assert results[0] == results[1]
    refreshes = refreshes_in(events)
    assert sum(event["attempts"] for event in refreshes) == 1
    assert sum(len(event["requests"]) for event in refreshes) == 1
    cancelled, finished = refreshes[: CALLS - 2], refreshes[CALLS - 2 :]
    assert {(event["name"], event["outcome"]) for event in cancelled} == {
        ("DESCOPE_E_CANCELLED", "unknown")
    }
    assert [(event["attempts"], event["httpStatus"]) for event in finished] == [(0, 200)] * 2


def refreshes_in(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of refreshes."""
    return [event for event in events if event["operation"] == "session/refresh"]


def test_a_refresh_is_kept_for_those_that_come_just_after(service: Service) -> None:
    service.is_open.set()
    client = DescopeClient(**service.config(refresh_grace_seconds=60))
    results = [client.refresh_session(service.refresh_token) for _ in range(3)]
    assert results[0] == results[1] == results[2]
    assert len(service.server.received) == 1
    other = service.signer.token("DSR", sub="U2other")
    assert client.refresh_session(other)["refreshSessionToken"] is not None
    assert len(service.server.received) == 2
