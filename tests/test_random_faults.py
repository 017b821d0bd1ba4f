"""Thousands of calls with random faults: the reported outcome is always true.

The variable `DESCOPE_ML_FAULT_SEED` selects other faults. A failure names its seed.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import descope_ml
from descope_ml import operations
from support import emulator
from support.emulator import Emulator
from support.events import check_event
from support.programs import compile_program, run
from support.random_faults import (
    FAULTS,
    OK,
    PHONE,
    TIMEOUT,
    Call,
    CallResult,
    check_results,
    count_deliveries,
    faults_met,
    start_random_faults,
)

SEED = int(os.environ.get("DESCOPE_ML_FAULT_SEED", "20240229"))
CALLS = 5_000
THREADS = 32
IN_PROGRESS = 200  # The calls of a queue at a time.

# Makes a call for each request; returns the results in the same order.
Caller = Callable[[Emulator, Sequence[str], Path], "list[CallResult]"]


def call_c(local: Emulator, requests: Sequence[str], folder: Path) -> list[CallResult]:
    """Makes blocking calls with one client of the C library."""
    return run_c(local, requests, folder, ["threads", str(THREADS)])


def call_c_queue(local: Emulator, requests: Sequence[str], folder: Path) -> list[CallResult]:
    """Makes the calls with one queue of the C library."""
    return run_c(local, requests, folder, ["queue", str(IN_PROGRESS)])


def run_c(
    local: Emulator, requests: Sequence[str], folder: Path, how: "list[str]"
) -> list[CallResult]:
    """Makes the calls with a C program. It must report each call exactly once."""
    config = {"projectId": local.project_id, "baseUrl": local.base_url, "timeoutMs": TIMEOUT}
    program = [compile_program("c/random_faults.c", folder), json.dumps(config), *how]
    done = run(program, stdin="".join(f"{request}\n" for request in requests))
    assert (done.stderr, done.returncode) == ("", 0)
    lines = done.stdout.splitlines()
    rows = sorted((line.split() for line in lines if line[0] != "{"), key=lambda row: int(row[0]))
    assert [int(row[0]) for row in rows] == list(range(len(requests)))
    results = [CallResult(int(row[1]), row[2], int(row[3]), int(row[4]) / 1000) for row in rows]
    check_events([json.loads(line) for line in lines if line[0] == "{"], results)
    return results


def check_events(events: "Sequence[dict[str, Any]]", results: Sequence[CallResult]) -> None:
    """Asserts that each call has one event, which says the same as its result."""
    for event in events:
        check_event(event)
        # The call of a queue whose time was over before its first attempt has none.
        assert len(event["requests"]) == event["attempts"] or event["attempts"] == 0, event
    # A successful call does not tell its attempts.
    reported = Counter((one["status"], one["outcome"], _attempts(one)) for one in events)
    assert reported == Counter((one.status, one.outcome, one.attempts) for one in results)


def _attempts(event: "dict[str, Any]") -> int:
    return 0 if event["status"] == OK else int(event["attempts"])


def call_python(local: Emulator, requests: Sequence[str], _: Path) -> list[CallResult]:
    """Makes the calls with one client of the Python package."""
    config: Any = {"project_id": local.project_id, "base_url": local.base_url}
    events: list[dict[str, Any]] = []

    def call(request: str) -> CallResult:
        with timed_result() as results:
            descope_ml.magiclink_signin_sms(request, timeout_seconds=TIMEOUT / 1000, **config)
        return results[0]

    descope_ml.set_event_handler(events.append)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(call, requests))
    descope_ml.set_event_handler(None)
    check_events(events, results)
    return results


def call_python_asyncio(local: Emulator, requests: Sequence[str], _: Path) -> list[CallResult]:
    """Makes the calls with one async client under asyncio."""
    return anyio.run(call_async, local, requests, backend="asyncio")


def call_python_trio(local: Emulator, requests: Sequence[str], _: Path) -> list[CallResult]:
    """Makes the calls with one async client under trio."""
    return anyio.run(call_async, local, requests, backend="trio")


async def call_async(local: Emulator, requests: Sequence[str]) -> list[CallResult]:
    """Makes the calls in tasks of one event loop."""
    client = descope_ml.DescopeClientAsync(
        local.project_id, base_url=local.base_url, timeout_seconds=TIMEOUT / 1000
    )
    found: dict[int, CallResult] = {}
    events: list[dict[str, Any]] = []
    limit = anyio.CapacityLimiter(IN_PROGRESS)

    async def call(number: int) -> None:
        async with limit:
            with timed_result() as results:
                # The methods of the client have no timeout for one call.
                await client._client.call_async(
                    operations.MAGICLINK_SIGNIN_SMS, json.loads(requests[number])
                )
        assert number not in found
        found[number] = results[0]

    descope_ml.set_event_handler(events.append)
    async with anyio.create_task_group() as tasks:
        for number in range(len(requests)):
            tasks.start_soon(call, number)
    descope_ml.set_event_handler(None)
    results = [found[number] for number in range(len(requests))]
    check_events(events, results)
    return results


@contextmanager
def timed_result() -> Iterator[list[CallResult]]:
    """Collects the result of the call in the `with` block."""
    results: list[CallResult] = []
    start = time.monotonic()
    status, outcome, attempts = OK, "sent", 0
    try:
        yield results
    except descope_ml.DescopeError as error:
        status, outcome, attempts = error.status, str(error.outcome), error.attempts or 0
    results.append(CallResult(status, outcome, attempts, (time.monotonic() - start) * 1000))


def calls() -> Iterator[Call]:
    """The calls. A few have such a short timeout that the request may not be sent."""
    generator = random.Random(SEED)
    for number in range(CALLS):
        is_short = generator.random() < 0.02
        yield Call(number, generator.randint(1, 6) if is_short else TIMEOUT)


@pytest.mark.parametrize(
    "caller", [call_c, call_c_queue, call_python, call_python_asyncio, call_python_trio]
)
def test_outcome_of_every_call_is_true(
    caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`sent`: delivered once. `refused`, `not_sent`: never. `unknown`: at most once."""
    planned = list(calls())
    with emulator.run_emulator("--keep-requests", str(3 * CALLS + 1)) as local:
        local.sign_up(PHONE)
        faults = start_random_faults(local, SEED)
        results = caller(local, [call.request() for call in planned], tmp_path)
        delivered = count_deliveries(local)
        met = faults_met(local, faults)
    delivered_unknown = check_results(planned, results, delivered, met, SEED)
    outcomes = Counter(result.outcome for result in results)
    assert outcomes["sent"] > CALLS / 2
    assert {at for indexes in met.values() for at in indexes} >= set(range(len(FAULTS)))
    late = max(result.duration - call.timeout for call, result in zip(planned, results))
    with capsys.disabled():
        print(
            f"\n{caller.__name__}, seed {SEED}: {CALLS} calls, {dict(outcomes)};"
            f" {delivered_unknown} of the unknown ones were delivered;"
            f" the latest result came {late:+.1f} ms after its deadline"
        )
