"""The events of calls in C, C++ and Rust programs, and of every operation in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from support import emulator
from support.events import check_event
from support.programs import CHECKERS, assert_ok, checker, compile_program, run

PHONE = "+14155550123"


@contextmanager
def emulator_without_email() -> Iterator[emulator.Emulator]:
    """An emulator that does not respond to sign-ins by email."""
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        local.control("faults", path="/v1/auth/magiclink/signin/email", delay="1h")
        yield local


@pytest.mark.parametrize("how", CHECKERS)
def test_c_callback_gets_one_event_for_each_call(how: str, tmp_path: Path) -> None:
    program = compile_program("c/events.c", tmp_path)
    with emulator_without_email() as local:
        done = run([*checker(how), program, local.config()])
    assert (done.stderr, done.returncode) == ("", 0)
    *events, last = done.stdout.splitlines()
    assert last == "ok"
    for event in events:
        check_event(json.loads(event))
    assert not [event for event in events if PHONE in event or "canary" in event]


@pytest.mark.parametrize("how", CHECKERS)
def test_cpp_handler_gets_one_event_for_each_call(how: str, tmp_path: Path) -> None:
    program = compile_program("cpp/events.cpp", tmp_path)
    with emulator_without_email() as local:
        assert_ok([*checker(how), program, local.config()])


def test_key_fetches_and_retries_are_requests_of_their_call() -> None:
    events: list[dict[str, Any]] = []
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        (message,) = local.messages(PHONE)
        session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
        local.control("faults", path="/v1/auth/magiclink/signin/sms", status=503, times=1)
        client = descope_ml.DescopeClient(local.project_id, base_url=local.base_url)
        descope_ml.set_event_handler(events.append)
        try:
            client.validate_session(session["sessionJwt"])
            client.validate_session(session["sessionJwt"])
            client.magiclink.sign_in(descope_ml.DeliveryMethod.SMS, PHONE)
        finally:
            descope_ml.set_event_handler(None)
    for event in events:
        check_event(event)
    fetched, cached, retried = events
    assert [request["path"] for request in fetched["requests"]] == [f"/v2/keys/{local.project_id}"]
    assert (fetched["attempts"], "outcome" in fetched) == (0, False)
    assert (cached["requests"], "connectionReused" in cached) == ([], False)
    statuses = [(one["attempt"], one["httpStatus"]) for one in retried["requests"]]
    assert statuses == [(1, 503), (2, 200)]
    assert (retried["attempts"], retried["outcome"], retried["httpStatus"]) == (2, "sent", 200)
    assert retried["phases"]["retryWaitMs"] >= 100
