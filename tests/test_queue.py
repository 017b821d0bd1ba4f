"""C programs with a queue: calls that do not block, cancelled, on many threads and in forks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.server import running_server
from bench.workload import make_session
from support import random_faults
from support.artefacts import artefact
from support.emulator import Emulator, run_emulator
from support.programs import CHECKERS, assert_ok, checker, compile_program, run
from support.random_faults import CallResult
from support.recording_server import run_server

PHONE = "+14155550123"
SIGN_IN_SMS = "/v1/auth/magiclink/signin/sms"
SIGN_IN_EMAIL = "/v1/auth/magiclink/signin/email"

CANCEL_CALLS = 1000
CANCEL_SEED = int(os.environ.get("DESCOPE_ML_FAULT_SEED", "20240229"))

# The calls of the test of descriptors and memory, after as many that warm up. `make test-growth`
# makes more.
GROWTH_CALLS = os.environ.get("DESCOPE_ML_GROWTH_CALLS", "10000")

# A sanitizer slows programs down.
DIVISOR = 10 if "DESCOPE_ML_SANITIZER" in os.environ else 1

SCHEMES = pytest.mark.parametrize("local", ["http", "https"], indirect=True)


@pytest.fixture
def local(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with a user. It delays messages by email for an hour."""
    flags = ["--tls"] if getattr(request, "param", "http") == "https" else []
    with run_emulator(*flags) as running:
        running.sign_up(PHONE)
        running.control("faults", path=SIGN_IN_EMAIL, delay="1h")
        yield running


@SCHEMES
def test_descriptor_is_readable_exactly_while_there_is_something_to_do(
    local: Emulator, tmp_path: Path
) -> None:
    assert_ok([compile_program("c/queue_descriptor.c", tmp_path), local.config()])


def test_wake_signals_and_other_threads_end_the_wait(local: Emulator, tmp_path: Path) -> None:
    assert_ok([compile_program("c/queue_wake.c", tmp_path), local.config()])


@pytest.mark.parametrize("how", CHECKERS)
def test_invalid_use_of_a_queue_returns_an_error_status(
    how: str, local: Emulator, tmp_path: Path
) -> None:
    program = compile_program("c/queue_arguments.c", tmp_path)
    assert_ok([*checker(how), program, local.config()], local.environment())


@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_outcome_of_every_call_is_true_if_half_are_cancelled(
    flags: list[str], tmp_path: Path
) -> None:
    """With random faults. Each result is reported once, and matches what was delivered."""
    calls = [random_faults.Call(number) for number in range(CANCEL_CALLS)]
    program = compile_program("c/queue_cancel.c", tmp_path)
    with run_emulator(*flags, "--keep-requests", str(3 * len(calls) + 1)) as local:
        local.sign_up(PHONE)
        faults = random_faults.start_random_faults(local, CANCEL_SEED)
        config = local.config(timeoutMs=random_faults.TIMEOUT)
        done = run([program, config, str(len(calls)), str(CANCEL_SEED)])
        assert (done.stderr, done.returncode) == ("", 0)
        delivered = random_faults.count_deliveries(local)
        met = random_faults.faults_met(local, faults)
    rows = sorted((line.split() for line in done.stdout.splitlines()), key=lambda row: int(row[0]))
    assert [int(row[0]) for row in rows] == list(range(len(calls)))
    results = [CallResult(int(row[2]), row[3], int(row[4])) for row in rows]
    random_faults.check_results(calls, results, delivered, met, CANCEL_SEED)
    cancelled = [result for result in results if result.status == random_faults.CANCELLED]
    assert len(cancelled) > len(calls) / 4
    assert all(row[1] == "1" for row in rows if int(row[2]) == random_faults.CANCELLED)
    # Some calls were cancelled before they were sent, and some afterwards.
    assert {result.outcome for result in cancelled} >= {"not_sent", "unknown"}
    assert {result.outcome for result in results} == {"sent", "refused", "not_sent", "unknown"}


def test_eight_threads_submit_and_cancel_while_a_ninth_reports(
    local: Emulator, tmp_path: Path
) -> None:
    program = compile_program("c/queue_threads.c", tmp_path)
    assert_ok([program, local.config(), str(500 // DIVISOR)])


@pytest.mark.address_only
@SCHEMES
def test_forked_child_cannot_use_or_change_the_queue_of_its_parent(
    local: Emulator, tmp_path: Path
) -> None:
    """The child frees the queue. The calls of the parent finish, and its descriptor is right."""
    message = local.messages(PHONE)[0]
    session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
    local.control("faults", path=SIGN_IN_SMS, delay="5ms")
    local.control("faults", path="/v2/keys/*", delay="1s")
    program = compile_program("c/queue_fork.c", tmp_path)
    assert_ok([program, local.config(), str(40 // DIVISOR), session["sessionJwt"]])


@pytest.mark.address_only
@SCHEMES
def test_forked_child_cannot_use_or_change_the_cpp_queue_of_its_parent(
    local: Emulator, tmp_path: Path
) -> None:
    """The child destroys the queue. Every callback and future of the parent gets its result."""
    program = compile_program("cpp/queue_fork.cpp", tmp_path)
    assert_ok([program, local.config(), str(40 // DIVISOR)])


@pytest.mark.plain
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_descriptors_and_memory_do_not_grow_with_the_number_of_calls(
    tls: bool, tmp_path: Path
) -> None:
    program = compile_program("c/queue_resources.c", tmp_path)
    server_program = artefact("DESCOPE_ML_BENCH") / "descope-ml-bench-server"
    keys = make_session(tmp_path, keys=1).keys
    with running_server(server_program, tmp_path, tls=tls, keys=keys) as server:
        config = {"projectId": "P2test", "baseUrl": server.base_url}
        if server.ca_file:
            config["caFile"] = str(server.ca_file)
        assert_ok([program, json.dumps(config), GROWTH_CALLS])


@SCHEMES
def test_waiting_for_answers_wakes_the_event_loop_a_few_times_per_call(
    local: Emulator, tmp_path: Path
) -> None:
    """Of a hundred calls, each is sent, and waits a second for its answer."""
    local.control("faults", path=SIGN_IN_SMS, delay="1s")
    program = compile_program("c/queue_idle.c", tmp_path)
    assert_ok([program, local.config(), "100", "1000"])


def test_calls_beyond_the_connection_limit_wait_in_turn(local: Emulator, tmp_path: Path) -> None:
    """Blocking calls too. They fail with `not_sent` if their timeout passes first."""
    program = compile_program("c/connection_limit.c", tmp_path)
    assert_ok([program, "turn", local.config(maxConnections=2)])


def test_threads_and_a_queue_open_no_more_connections_than_the_limit(tmp_path: Path) -> None:
    program = compile_program("c/connection_limit.c", tmp_path)
    with run_server() as server:
        server.script = [{"pause": 0.002}]
        config = {"projectId": "P2test", "baseUrl": server.url, "maxConnections": 2}
        assert_ok([program, "threads", json.dumps(config)])
        assert (len(server.received), server.connections) == (90, 2)
