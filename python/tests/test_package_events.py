"""The events of calls: one for each call, in the context of its caller."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

import descope_ml
from descope_ml import (
    ApiError,
    ArgumentError,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    _native,
)
from descope_ml.events import HANDLERS
from descope_ml.handles import Client
from event_loops import Main, each_loop
from local_server import MASKED, LocalServer, Reply

PHONE = "+14155550123"

Events = list[dict[str, Any]]

caller: contextvars.ContextVar[str] = contextvars.ContextVar("caller", default="none")


@pytest.fixture
def events() -> Iterator[Events]:
    """The events of the calls of a test."""
    events: Events = []
    descope_ml.set_event_handler(events.append)
    yield events
    descope_ml.set_event_handler(None)


def sign_in(client: DescopeClient) -> str:
    return client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)


def test_an_event_says_what_happened_and_where_the_time_went(
    client: DescopeClient, server: LocalServer, events: Events
) -> None:
    sign_in(client)
    server.answer = lambda: Reply(400, '{"errorCode": "E062108"}', {"cf-ray": "8a1b2c3d-WAW"})
    with pytest.raises(ApiError):
        sign_in(client)
    sent, refused = events
    assert (sent["operation"], sent["status"], sent["name"]) == (
        "magiclink/signin/sms",
        0,
        "DESCOPE_OK",
    )
    assert (sent["outcome"], sent["attempts"], sent["httpStatus"]) == ("sent", 1, 200)
    assert (sent["connectionReused"], refused["connectionReused"]) == (False, True)
    assert sent["phases"]["connectMs"] > 0 == refused["phases"]["connectMs"]
    assert 0 < sum(sent["phases"].values()) <= sent["totalMs"] + 1e-6
    assert (refused["name"], refused["outcome"]) == ("DESCOPE_E_API", "refused")
    assert (refused["errorCode"], refused["requestId"]) == ("E062108", "8a1b2c3d-WAW")
    (request,) = refused["requests"]
    assert (request["method"], request["path"]) == ("POST", "/v1/auth/magiclink/signin/sms")
    assert (request["serverAddress"], request["serverPort"]) == ("127.0.0.1", server.server_port)
    assert PHONE not in repr(events)


def test_without_a_handler_nothing_is_recorded(
    client: DescopeClient, server: LocalServer, events: Events
) -> None:
    native = Client(json.dumps({"projectId": "P", "baseUrl": server.url}))
    for handler, count in ((events.append, 1), (None, 0)):
        descope_ml.set_event_handler(handler)
        _native.start_recording(logging.CRITICAL)
        native.call("magiclink/signin/sms", {"loginId": PHONE})
        _, recorded = _native.take_recorded() or ([], [])
        assert len(recorded) == count
    descope_ml.set_event_handler(events.append)
    sign_in(client)
    assert len(events) == 1


def test_a_new_handler_replaces_the_previous_one(client: DescopeClient, events: Events) -> None:
    others: Events = []
    descope_ml.set_event_handler(others.append)
    sign_in(client)
    assert (len(others), len(events)) == (1, 0)


def test_a_blocking_call_reports_to_the_handler_that_was_set_when_it_started(
    client: DescopeClient, server: LocalServer, events: Events
) -> None:
    later: Events = []
    for way in ("kept", "replaced", "removed and set again"):

        def answer(way: str = way) -> Reply:
            if way == "removed and set again":
                descope_ml.set_event_handler(None)
            if way != "kept":
                descope_ml.set_event_handler(later.append)
            return Reply()

        server.answer = answer
        descope_ml.set_event_handler(events.append)
        sign_in(client)
        assert (len(events), len(later)) == (1, 0)
    server.answer = Reply
    sign_in(client)
    assert (len(events), len(later)) == (1, 1)


@each_loop
def test_an_awaited_call_reports_to_the_handlers_that_were_there_when_it_started(
    run: Callable[[Main], None], server: LocalServer, events: Events
) -> None:
    client = DescopeClientAsync("P2test", base_url=server.url)
    later: Events = []

    def answer() -> Reply:
        HANDLERS.replace(None, later.append)
        return Reply()

    server.answer = answer

    async def main() -> None:
        await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert (len(events), len(later)) == (1, 0)
        server.answer = Reply
        await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert (len(events), len(later)) == (2, 1)

    try:
        run(main)
    finally:
        HANDLERS.replace(later.append, None)


def test_every_kind_of_call_has_one_event(client: DescopeClient, events: Events) -> None:
    client.warm_up()
    with pytest.raises(ArgumentError):
        client.magiclink.sign_in(DeliveryMethod.SMS, "")
    with pytest.raises(descope_ml.TokenError):
        client.validate_session("a.b.c")
    names = [(event["operation"], event["name"]) for event in events]
    assert names == [
        ("warm_up", "DESCOPE_OK"),
        ("magiclink/signin/sms", "DESCOPE_E_ARGUMENT"),
        ("session/validate", "DESCOPE_E_TOKEN"),
    ]
    assert events[2]["reason"] == "malformed"


@pytest.mark.usefixtures("events")
def test_threads_have_their_own_events(server: LocalServer) -> None:
    client = DescopeClient("P2test", base_url=server.url)
    seen: list[tuple[int, str]] = []
    descope_ml.set_event_handler(lambda _: seen.append((threading.get_ident(), caller.get())))

    def call(number: int) -> tuple[int, str]:
        caller.set(str(number))
        assert sign_in(client) == MASKED
        return threading.get_ident(), str(number)

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(call, range(40)))
    assert sorted(seen) == sorted(made)


@each_loop
def test_awaited_calls_report_in_the_context_of_their_caller(
    run: Callable[[Main], None], server: LocalServer, events: Events
) -> None:
    client = DescopeClientAsync("P2test", base_url=server.url)
    seen: list[tuple[str, str]] = []
    descope_ml.set_event_handler(lambda event: seen.append((caller.get(), event["name"])))

    async def call(number: int) -> None:
        caller.set(f"task {number}")
        await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        # The handler runs before the caller continues.
        assert (f"task {number}", "DESCOPE_OK") in seen

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(call, number)
        caller.set("rejected")
        with pytest.raises(ArgumentError):
            await client.magiclink.sign_in(DeliveryMethod.SMS, "")

    run(main)
    assert len(seen) == len(set(seen)) == 21
    assert ("rejected", "DESCOPE_E_ARGUMENT") in seen
    assert {name for name, _ in seen} == {*(f"task {number}" for number in range(20)), "rejected"}
    assert not events


def test_a_cancelled_task_has_an_event(server: LocalServer, events: Events) -> None:
    client = DescopeClientAsync("P2test", base_url=server.url)
    arrived, go_on = threading.Event(), threading.Event()

    def answer() -> Reply:
        arrived.set()
        go_on.wait(30)
        return Reply()

    server.answer = answer

    async def main() -> None:
        task = asyncio.ensure_future(client.magiclink.sign_in(DeliveryMethod.SMS, PHONE))
        await asyncio.to_thread(arrived.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while not events:
            await asyncio.sleep(0.001)

    try:
        asyncio.run(main())
    finally:
        go_on.set()
    (event,) = events
    assert (event["name"], event["outcome"]) == ("DESCOPE_E_CANCELLED", "unknown")
    assert event["requests"][0]["name"] == "DESCOPE_E_CANCELLED"


def test_calls_of_a_handler_have_no_events(client: DescopeClient, events: Events) -> None:
    calls: list[str] = []

    def handler(event: dict[str, Any]) -> None:
        calls.append(event["operation"])
        client.warm_up()

    descope_ml.set_event_handler(handler)
    sign_in(client)
    sign_in(client)
    assert calls == ["magiclink/signin/sms"] * 2
    assert not events


def test_tasks_that_a_handler_starts_have_no_events(server: LocalServer) -> None:
    client = DescopeClientAsync("P2test", base_url=server.url)
    names: list[str] = []
    tasks: list[asyncio.Task[str]] = []

    def handler(event: dict[str, Any]) -> None:
        names.append(event["operation"])
        call = client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        tasks.append(asyncio.ensure_future(call))

    async def main() -> None:
        # Fails at once, so the first call that the event loop continues is that of the handler.
        with pytest.raises(descope_ml.TokenError):
            await client.validate_session("a.b.c")
        assert await tasks[0] == MASKED
        await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        assert await tasks[1] == MASKED

    descope_ml.set_event_handler(handler)
    try:
        asyncio.run(main())
    finally:
        descope_ml.set_event_handler(None)
    assert names == ["session/validate", "magiclink/signin/sms"]


def test_a_failing_handler_does_not_change_the_result(client: DescopeClient) -> None:
    unraisable: list[object] = []

    def handler(_: dict[str, Any]) -> None:
        raise LookupError

    hook, sys.unraisablehook = sys.unraisablehook, lambda what: unraisable.append(what.exc_type)
    descope_ml.set_event_handler(handler)
    try:
        assert sign_in(client) == MASKED
    finally:
        descope_ml.set_event_handler(None)
        sys.unraisablehook = hook
    assert unraisable == [LookupError]


def test_a_greenlet_reports_in_its_context(server: LocalServer) -> None:
    program = f"""
from gevent import monkey; monkey.patch_all()
import contextvars, gevent, descope_ml
from descope_ml import DeliveryMethod, DescopeClient
caller = contextvars.ContextVar("caller")
client = DescopeClient("P2test", base_url={server.url!r})
seen = []
descope_ml.set_event_handler(lambda event: seen.append((caller.get(), event["name"])))
def call(number):
    caller.set(number)
    client.magiclink.sign_in(DeliveryMethod.SMS, "{PHONE}")
gevent.joinall([gevent.spawn(call, number) for number in range(8)], raise_error=True)
print(sorted(seen) == [(number, "DESCOPE_OK") for number in range(8)])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"True\n", b"")


def test_a_request_without_a_connection_has_reused_none(events: Events) -> None:
    client = DescopeClient("P2test", base_url="http://127.0.0.1:1", max_attempts=1)
    with pytest.raises(descope_ml.NetworkError):
        sign_in(client)
    (event,) = events
    (request,) = event["requests"]
    assert "connectionReused" not in {**event, **request}
