"""Signals that end the calls of C programs, with `"interruptible": true`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support import emulator
from support.programs import assert_ok, checker, compile_program, run
from support.tokens import token_placeholders

# The program replaces malloc, and looks at the masks of its signal handlers.
pytestmark = pytest.mark.plain

# An operation, its request, and more keys for the configuration.
Call = tuple[str, str, dict[str, str]]

SIGN_IN: Call = ("magiclink/signin/sms", '{"loginId": "ann"}', {})
VALIDATE: Call = (
    "session/validate",
    json.dumps({"sessionToken": token_placeholders()["SESSION"]}),
    {},
)
REFRESH: Call = (
    "session/refresh",
    json.dumps({"refreshToken": token_placeholders()["REFRESH"]}),
    {"publicKey": token_placeholders()["JWK"]},
)
WARM_UP: Call = ("warm_up", "", {})
RETRY_LATER = "HTTP/1.1 503 Later\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"

SIGN_UP = "/v1/auth/magiclink/signup/sms"
CANCELLED = 40


def assert_outcomes_are_true(local: emulator.Emulator, *command: str) -> None:
    """Runs a program that prints login IDs, statuses and outcomes. Compares them with the inbox."""
    done = run(command)
    *calls, last = done.stdout.splitlines()
    assert (done.stderr, last, done.returncode) == ("", "ok", 0)
    arrived = local.addresses()
    outcomes = set()
    for call in calls:
        login, status, outcome = call.split()
        outcomes.add((int(status), outcome))
        if outcome != "unknown":
            assert (login in arrived) == (outcome == "sent"), call
    assert outcomes <= {(0, "sent"), (CANCELLED, "not_sent"), (CANCELLED, "unknown")}
    assert (CANCELLED, "unknown") in outcomes


@pytest.mark.parametrize("restart", ["0", "1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_signal_at_any_step_of_a_call_ends_its_next_wait(
    scheme: str, restart: str, tmp_path: Path
) -> None:
    """With and without SA_RESTART; on a new connection, to a name that has to be resolved."""
    program = compile_program("c/interruptible.c", tmp_path)
    with emulator.run_emulator(*(["--tls"] if scheme == "https" else [])) as local:
        local.control("faults", path=SIGN_UP, delay="5ms", after=True)
        config = local.config("localhost", interruptible=True, maxIdleConnections=0)
        step = "1" if scheme == "http" else "11"
        assert_outcomes_are_true(local, program, "allocations", config, restart, step)


@pytest.mark.parametrize("restart", ["0", "1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_signal_at_a_random_moment_ends_the_call_that_it_comes_in(
    scheme: str, restart: str, tmp_path: Path
) -> None:
    program = compile_program("c/interruptible.c", tmp_path)
    with emulator.run_emulator(*(["--tls"] if scheme == "https" else [])) as local:
        local.control("faults", path=SIGN_UP, delay="3ms", after=True)
        config = local.config(interruptible=True)
        assert_outcomes_are_true(local, program, "random", config, restart, "200", "8000")


def test_a_signal_that_the_program_does_not_handle_ends_no_call(tmp_path: Path) -> None:
    """One that is ignored, one that is blocked, and SIGSTOP with SIGCONT."""
    program = compile_program("c/interruptible.c", tmp_path)
    with emulator.run_emulator() as local:
        local.control("faults", path=SIGN_UP, delay="500ms")
        assert_ok([program, "unaffected", local.config(interruptible=True)])


def test_callbacks_run_with_the_mask_of_the_program(tmp_path: Path) -> None:
    program = compile_program("c/interruptible.c", tmp_path)
    with emulator.run_emulator() as local:
        local.control("faults", path=SIGN_UP, delay="1h")
        done = run([program, "callbacks", local.config(interruptible=True)])
        assert done.stdout.splitlines() == [f"+14155550001 {CANCELLED} unknown", "ok"], done.stderr


def assert_outcomes_of_waits(
    folder: Path, call: Call, outcomes: list[str], *arguments: str, checked: str = "plain"
) -> None:
    """Interrupts the waits of tests/c/interrupted_waits.c, and compares the outcomes.

    Args:
        folder: The folder for the program.
        call: The call.
        outcomes: The expected outcomes.
        arguments: The scheme, the host, the response, and perhaps `second`.
        checked: How the program runs, one of `CHECKERS`.
    """
    program = compile_program("c/interrupted_waits.c", folder)
    operation, request, keys = call
    config: dict[str, Any] = {
        "projectId": "P2test",
        "interruptible": True,
        "allowInsecureHttp": True,
        "maxConnections": 1,
        "timeoutMs": 1_000_000,
        "connectTimeoutMs": 1_000_000,
        **keys,
    }
    scheme, host, *more = arguments
    command = [*checker(checked), program, json.dumps(config), scheme, host, operation, request]
    done = run([*command, *more])
    assert (done.stderr, done.stdout.split(), done.returncode) == ("", [*outcomes, "ok"], 0)


@pytest.mark.parametrize(
    ("call", "scheme", "host", "response", "outcome"),
    [
        pytest.param(SIGN_IN, "http", "name.test", "", "not_sent", id="lookup"),
        pytest.param(SIGN_IN, "https", "127.0.0.1", "", "not_sent", id="handshake"),
        pytest.param(WARM_UP, "https", "127.0.0.1", "", "not_sent", id="warm_up"),
        pytest.param(SIGN_IN, "http", "127.0.0.1", "", "unknown", id="response"),
        pytest.param(SIGN_IN, "http", "127.0.0.1", RETRY_LATER, "refused", id="retry"),
    ],
)
def test_a_signal_ends_a_call_wherever_it_waits(
    call: Call, scheme: str, host: str, response: str, outcome: str, tmp_path: Path
) -> None:
    assert_outcomes_of_waits(tmp_path, call, [outcome], scheme, host, response)


@pytest.mark.parametrize(
    ("call", "outcomes", "how"),
    [
        pytest.param(SIGN_IN, ["not_sent", "unknown"], "plain", id="connection"),
        pytest.param(SIGN_IN, ["not_sent", "unknown"], "memcheck", id="memcheck"),
        pytest.param(VALIDATE, ["not_sent", "not_sent"], "plain", id="keys"),
        pytest.param(REFRESH, ["unknown", "unknown"], "plain", id="refresh"),
    ],
)
def test_a_signal_ends_a_call_that_waits_for_another_call(
    call: Call, outcomes: list[str], how: str, tmp_path: Path
) -> None:
    """For its connection, for the keys that it fetches, for its refresh."""
    server = ("http", "127.0.0.1", "")
    assert_outcomes_of_waits(tmp_path, call, outcomes, *server, "second", checked=how)
