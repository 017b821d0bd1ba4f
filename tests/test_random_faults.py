"""Thousands of calls with faults at random: what callers are told is what has happened.

`DESCOPE_ML_FAULT_SEED` chooses other faults than usual; a failure says which seed it was.
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
from support.programs import compiled, run

SEED = int(os.environ.get("DESCOPE_ML_FAULT_SEED", "20240229"))
CALLS = 5_000
THREADS = 32
PHONE = "+14155550123"
PLACE = "https://app.example.com/call/"

# How long a call may take, in milliseconds, and a delay that no call waits for.
TIMEOUT = 2_000
TOO_LONG = "2100ms"

OK, NETWORK, OUT_OF_TIME, PROTOCOL, API, RATE_LIMITED = 0, 10, 12, 13, 20, 21

# What goes wrong: of how many percent of all requests, how, and what a call is told whose last
# request it was. Those whose answer says that nobody saw the request are tried again.
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
    (0.5, {"delay": TOO_LONG}, (OUT_OF_TIME, "unknown")),
    (0.5, {"delay": TOO_LONG, "after": True}, (OUT_OF_TIME, "unknown")),
    (9.0, {"delay": "20ms"}, (OK, "sent")),
]
TRIED_AGAIN = 4  # So many of the first.


@dataclass(frozen=True)
class Ended:
    """How a call ended, and after how many milliseconds."""

    status: int
    outcome: str
    attempts: int
    took: float


# Makes calls by their requests; how they ended, in the same order.
Caller = Callable[[Emulator, Sequence[str], Path], "list[Ended]"]


def in_c(local: Emulator, requests: Sequence[str], folder: Path) -> list[Ended]:
    """Calls through the C library, over one client."""
    config = {"projectId": local.project_id, "baseUrl": local.base_url, "timeoutMs": TIMEOUT}
    program = [compiled("c/random_faults.c", folder), json.dumps(config), str(THREADS)]
    done = run(program, given="".join(f"{request}\n" for request in requests))
    assert (done.stderr, done.returncode) == ("", 0)
    rows = sorted((line.split() for line in done.stdout.splitlines()), key=lambda row: int(row[0]))
    assert [int(row[0]) for row in rows] == list(range(len(requests)))
    return [Ended(int(row[1]), row[2], int(row[3]), int(row[4]) / 1000) for row in rows]


def in_python(local: Emulator, requests: Sequence[str], _: Path) -> list[Ended]:
    """Calls through the Python package, over one client."""
    config: Any = {"project_id": local.project_id, "base_url": local.base_url}

    def call(request: str) -> Ended:
        start = time.monotonic()
        status, outcome, attempts = OK, "sent", 0
        try:
            descope_ml.magiclink_signin_sms(request, timeout_seconds=TIMEOUT / 1000, **config)
        except descope_ml.DescopeError as error:
            status, outcome, attempts = error.status, str(error.outcome), error.attempts or 0
        return Ended(status, outcome, attempts, (time.monotonic() - start) * 1000)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, requests))


@dataclass(frozen=True)
class Call:
    """A call by its number, and how long it may take, in milliseconds."""

    number: int
    timeout: int

    def request(self) -> str:
        """A request that no other call makes."""
        hurry = {} if self.timeout == TIMEOUT else {"timeoutMs": self.timeout}
        return json.dumps({"loginId": PHONE, "redirectUrl": f"{PLACE}{self.number}", **hurry})


def calls() -> Iterator[Call]:
    """The calls; a few are in such a hurry that there may be no time to send them."""
    chance = random.Random(SEED)
    for number in range(CALLS):
        hurries = chance.random() < 0.02
        yield Call(number, chance.randint(1, 6) if hurries else TIMEOUT)


@pytest.mark.parametrize("caller", [in_c, in_python])
def test_callers_are_told_what_has_happened(
    caller: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sent is delivered once, refused and not sent never, unknown once or never; nothing twice."""
    made = list(calls())
    with emulator.running("--keep-requests", str(3 * CALLS + 1)) as local:
        local.sign_up(PHONE)
        listed = local.put_random_faults(
            seed=SEED,
            path="/v1/auth/magiclink/signin/*",
            faults=[{"percent": percent, **fault} for percent, fault, _ in FAULTS],
        )
        ended = caller(local, [call.request() for call in made], tmp_path)
        delivered = deliveries(local)
        met = faults_met(local, listed)
    wrong = [
        f"call {call.number} of {call.timeout} ms: {end}, delivered {delivered[call.number]}, {why}"
        for call, end in zip(made, ended)
        for why in wrong_with(call, end, delivered[call.number], met.get(call.number, []))
    ]
    assert not wrong, f"seed {SEED}: {len(wrong)} wrong, such as {wrong[:5]}"
    told = Counter(end.outcome for end in ended)
    resolved = sum(delivered[call.number] for call, end in zip(made, ended) if unknown(end))
    assert sum(delivered.values()) == told["sent"] + resolved
    assert told["sent"] > CALLS / 2
    assert {at for faults in met.values() for at in faults} >= set(range(len(FAULTS)))
    late = max(end.took - call.timeout for call, end in zip(made, ended))
    with capsys.disabled():
        print(
            f"\n{caller.__name__}, seed {SEED}: {CALLS} calls, {dict(told)}, of the unknown"
            f" {resolved} delivered; the last ended {late:+.1f} ms from its deadline"
        )


def unknown(end: Ended) -> bool:
    """Whether the caller was told that the message may have been sent."""
    return end.outcome == "unknown"


def wrong_with(call: Call, end: Ended, delivered: int, met: "list[int]") -> Iterator[str]:
    """What is not as it must be with a call, by the faults that its requests have met."""
    allowed = {"sent": [1], "refused": [0], "not_sent": [0], "unknown": [0, 1]}
    if delivered not in allowed[end.outcome]:
        yield "is not what has happened"
    if any(at < 0 or at >= TRIED_AGAIN for at in met[:-1]):
        yield f"was tried again after what may have been acted on: {met}"
    if end.status == OUT_OF_TIME or call.timeout < TIMEOUT:
        return  # How far it came is the machine's doing.
    expected = FAULTS[met[-1]][2] if met and met[-1] >= 0 else (OK, "sent")
    if (end.status, end.outcome) != expected:
        yield f"does not follow from what its requests met: {met}"
    if end.status != OK and end.attempts != len(met):
        yield f"tells of another number of attempts than came in: {met}"


def deliveries(local: Emulator) -> Counter[int]:
    """How many messages each call has led to."""
    messages = fetch(f"{local.base_url}/_emulator/messages")["messages"]
    links = (message["link"].partition("?")[0] for message in messages)
    return Counter(int(link.replace(PLACE, "")) for link in links if link.startswith(PLACE))


def faults_met(local: Emulator, listed: "list[dict[str, Any]]") -> dict[int, list[int]]:
    """Which faults the requests of each call have met, by their place in the list; -1 for none."""
    places = {json.dumps(fault, sort_keys=True): place for place, fault in enumerate(listed)}
    met: dict[int, list[int]] = {}
    for request in local.requests():
        where = (request["body"] or {}).get("redirectUrl", "")
        if where.startswith(PLACE):
            fault = request["fault"]
            place = -1 if fault is None else places[json.dumps(fault, sort_keys=True)]
            met.setdefault(int(where.replace(PLACE, "")), []).append(place)
    return met
