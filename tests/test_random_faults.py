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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from support import emulator
from support.emulator import Emulator, fetch
from support.programs import compile_program, run

SEED = int(os.environ.get("DESCOPE_ML_FAULT_SEED", "20240229"))
CALLS = 5_000
THREADS = 32
IN_PROGRESS = 200  # The calls of a queue at a time.
PHONE = "+14155550123"
URL_PREFIX = "https://app.example.com/call/"

# The timeout of a call in milliseconds, and a delay that exceeds it.
TIMEOUT = 2_000
TOO_LONG = "2100ms"

OK, NETWORK, TIMED_OUT, PROTOCOL, API, RATE_LIMITED = 0, 10, 12, 13, 20, 21

# The faults: the percentage of requests, the fault, and the status and outcome of a call whose last
# request met it. The first ones are retried, because the service has not seen the request.
FAULTS: "list[tuple[float, dict[str, Any], tuple[int, str]]]" = [
    (4.0, {"status": 503}, (API, "refused")),
    (1.0, {"status": 521}, (API, "refused")),
    (1.0, {"status": 522}, (API, "refused")),
    (1.0, {"status": 530}, (API, "refused")),
    (1.0, {"status": 429, "headers": {"Retry-After": "1"}}, (RATE_LIMITED, "refused")),
    (1.0, {"status": 400}, (API, "refused")),
    (0.5, {"status": 302, "headers": {"Location": "/"}}, (API, "refused")),
    (1.0, {"status": 500}, (API, "unknown")),
    (1.0, {"status": 500, "after": True}, (API, "unknown")),
    (0.5, {"status": 502, "body": "<html>", "after": True}, (API, "unknown")),
    (0.5, {"status": 520}, (API, "unknown")),
    (0.5, {"status": 524, "after": True}, (API, "unknown")),
    (2.0, {"reset": True}, (NETWORK, "unknown")),
    (2.0, {"reset": True, "after": True}, (NETWORK, "unknown")),
    (1.0, {"truncate": 7}, (PROTOCOL, "unknown")),
    (1.0, {"truncate": 7, "after": True}, (PROTOCOL, "unknown")),
    (0.5, {"status": 200, "body": "<html>"}, (PROTOCOL, "unknown")),
    (0.5, {"body": {}, "after": True}, (PROTOCOL, "unknown")),
    (0.5, {"delay": TOO_LONG}, (TIMED_OUT, "unknown")),
    (0.5, {"delay": TOO_LONG, "after": True}, (TIMED_OUT, "unknown")),
    (9.0, {"delay": "20ms"}, (OK, "sent")),
]
RETRIED = 4  # The number of faults at the start of the list that are retried.


@dataclass(frozen=True)
class CallResult:
    """The result of a call, and its duration in milliseconds."""

    status: int
    outcome: str
    attempts: int
    duration: float


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
    rows = sorted((line.split() for line in done.stdout.splitlines()), key=lambda row: int(row[0]))
    assert [int(row[0]) for row in rows] == list(range(len(requests)))
    return [CallResult(int(row[1]), row[2], int(row[3]), int(row[4]) / 1000) for row in rows]


def call_python(local: Emulator, requests: Sequence[str], _: Path) -> list[CallResult]:
    """Makes the calls with one client of the Python package."""
    config: Any = {"project_id": local.project_id, "base_url": local.base_url}

    def call(request: str) -> CallResult:
        start = time.monotonic()
        status, outcome, attempts = OK, "sent", 0
        try:
            descope_ml.magiclink_signin_sms(request, timeout_seconds=TIMEOUT / 1000, **config)
        except descope_ml.DescopeError as error:
            status, outcome, attempts = error.status, str(error.outcome), error.attempts or 0
        return CallResult(status, outcome, attempts, (time.monotonic() - start) * 1000)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, requests))


@dataclass(frozen=True)
class Call:
    """A call with its number and its timeout in milliseconds."""

    number: int
    timeout: int

    def request(self) -> str:
        """The request, which differs from that of every other call."""
        own_timeout = {} if self.timeout == TIMEOUT else {"timeoutMs": self.timeout}
        return json.dumps(
            {"loginId": PHONE, "redirectUrl": f"{URL_PREFIX}{self.number}", **own_timeout}
        )


def calls() -> Iterator[Call]:
    """The calls. A few have such a short timeout that the request may not be sent."""
    generator = random.Random(SEED)
    for number in range(CALLS):
        is_short = generator.random() < 0.02
        yield Call(number, generator.randint(1, 6) if is_short else TIMEOUT)


@pytest.mark.parametrize("caller", [call_c, call_c_queue, call_python])
def test_outcome_of_every_call_is_true(
    caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`sent`: delivered once. `refused`, `not_sent`: never. `unknown`: at most once."""
    planned = list(calls())
    with emulator.run_emulator("--keep-requests", str(3 * CALLS + 1)) as local:
        local.sign_up(PHONE)
        faults = local.put_random_faults(
            seed=SEED,
            path="/v1/auth/magiclink/signin/*",
            faults=[{"percent": percent, **fault} for percent, fault, _ in FAULTS],
        )
        results = caller(local, [call.request() for call in planned], tmp_path)
        delivered = deliveries(local)
        met = faults_met(local, faults)
    wrong = [
        f"call {call.number}, timeout {call.timeout} ms, delivered {delivered[call.number]} times:"
        f" {result} {why}"
        for call, result in zip(planned, results)
        for why in find_errors(call, result, delivered[call.number], met.get(call.number, []))
    ]
    assert not wrong, f"seed {SEED}: {len(wrong)} wrong, such as {wrong[:5]}"
    outcomes = Counter(result.outcome for result in results)
    delivered_unknown = sum(
        delivered[call.number] for call, result in zip(planned, results) if unknown(result)
    )
    assert sum(delivered.values()) == outcomes["sent"] + delivered_unknown
    assert outcomes["sent"] > CALLS / 2
    assert {at for indexes in met.values() for at in indexes} >= set(range(len(FAULTS)))
    late = max(result.duration - call.timeout for call, result in zip(planned, results))
    with capsys.disabled():
        print(
            f"\n{caller.__name__}, seed {SEED}: {CALLS} calls, {dict(outcomes)};"
            f" {delivered_unknown} of the unknown ones were delivered;"
            f" the latest result came {late:+.1f} ms after its deadline"
        )


def unknown(result: CallResult) -> bool:
    """Whether the reported outcome is `unknown`."""
    return result.outcome == "unknown"


def find_errors(call: Call, result: CallResult, delivered: int, met: "list[int]") -> Iterator[str]:
    """What is wrong with the result of a call, given the faults that its requests met."""
    allowed = {"sent": [1], "refused": [0], "not_sent": [0], "unknown": [0, 1]}
    if delivered not in allowed[result.outcome]:
        yield "has an untrue outcome"
    if any(at < 0 or at >= RETRIED for at in met[:-1]):
        yield f"was retried although the service may have processed the request: {met}"
    if result.status == TIMED_OUT or call.timeout < TIMEOUT:
        return  # The result depends on the speed of this machine.
    expected = FAULTS[met[-1]][2] if met and met[-1] >= 0 else (OK, "sent")
    if (result.status, result.outcome) != expected:
        yield f"does not match the faults that its requests met: {met}"
    if result.status != OK and result.attempts != len(met):
        yield f"reports a wrong number of attempts: {met}"


def deliveries(local: Emulator) -> Counter[int]:
    """How many messages each call has caused."""
    messages = fetch(f"{local.base_url}/_emulator/messages")["messages"]
    links = (message["link"].partition("?")[0] for message in messages)
    return Counter(
        int(link.replace(URL_PREFIX, "")) for link in links if link.startswith(URL_PREFIX)
    )


def faults_met(local: Emulator, faults: "list[dict[str, Any]]") -> dict[int, list[int]]:
    """The faults that the requests of each call met, as indexes into the list; -1 for none."""
    indexes = {json.dumps(fault, sort_keys=True): index for index, fault in enumerate(faults)}
    met: dict[int, list[int]] = {}
    for request in local.requests():
        url = (request["body"] or {}).get("redirectUrl", "")
        if url.startswith(URL_PREFIX):
            fault = request["fault"]
            index = -1 if fault is None else indexes[json.dumps(fault, sort_keys=True)]
            met.setdefault(int(url.replace(URL_PREFIX, "")), []).append(index)
    return met
