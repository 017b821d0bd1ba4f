"""Random faults of the emulator, and what the result of a call may be, given the faults it met."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.emulator import Emulator, fetch

PHONE = "+14155550123"
URL_PREFIX = "https://app.example.com/call/"

# The timeout of a call in milliseconds, and a delay that exceeds it.
TIMEOUT = 2_000
TOO_LONG = "2100ms"

OK, NETWORK, TIMED_OUT, PROTOCOL, API, RATE_LIMITED, CANCELLED = 0, 10, 12, 13, 20, 21, 40

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

# How many messages a call with this outcome may have caused.
_ALLOWED_DELIVERIES = {"sent": [1], "refused": [0], "not_sent": [0], "unknown": [0, 1]}


@dataclass(frozen=True)
class Call:
    """A call with its number and its timeout in milliseconds."""

    number: int
    timeout: int = TIMEOUT

    def request(self) -> str:
        """The request, which differs from that of every other call."""
        own_timeout = {} if self.timeout == TIMEOUT else {"timeoutMs": self.timeout}
        return json.dumps(
            {"loginId": PHONE, "redirectUrl": f"{URL_PREFIX}{self.number}", **own_timeout}
        )


@dataclass(frozen=True)
class CallResult:
    """The result of a call: `sent` is a success. The duration is in milliseconds, if measured."""

    status: int
    outcome: str
    attempts: int
    duration: float = 0.0


def start_random_faults(local: Emulator, seed: int) -> list[dict[str, Any]]:
    """Makes sign-in requests meet random faults from now on.

    Returns:
        The faults as they appear in the log of requests.
    """
    return local.put_random_faults(
        seed=seed,
        path="/v1/auth/magiclink/signin/*",
        faults=[{"percent": percent, **fault} for percent, fault, _ in FAULTS],
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


def count_deliveries(local: Emulator) -> Counter[int]:
    """How many messages each call has caused, by its number.

    The emulator must have sent no others, besides the one of the sign-up.
    """
    messages = fetch(f"{local.base_url}/_emulator/messages", local.ca_file)["messages"]
    links = [message["link"].partition("?")[0] for message in messages]
    delivered = Counter(
        int(link.replace(URL_PREFIX, "")) for link in links if link.startswith(URL_PREFIX)
    )
    assert sum(delivered.values()) == len(messages) - 1
    return delivered


def check_results(
    calls: Sequence[Call],
    results: Sequence[CallResult],
    delivered: Counter[int],
    met: Mapping[int, Sequence[int]],
    seed: int,
) -> int:
    """Asserts that the results are true: for each call, and in total.

    Args:
        calls: The calls.
        results: What the caller was told about each.
        delivered: How many messages each has caused.
        met: The faults that the requests of each have met.
        seed: What a failure names, so that it can be repeated.

    Returns:
        How many calls with the outcome `unknown` were delivered.
    """
    wrong = [
        f"call {call.number}, timeout {call.timeout} ms, delivered {delivered[call.number]} times:"
        f" {result} {why}"
        for call, result in zip(calls, results)
        for why in _find_errors(call, result, delivered[call.number], met.get(call.number, []))
    ]
    assert not wrong, f"seed {seed}: {len(wrong)} wrong, such as {wrong[:5]}"
    told = Counter(result.outcome for result in results)
    unknown = sum(
        delivered[call.number]
        for call, result in zip(calls, results)
        if result.outcome == "unknown"
    )
    assert sum(delivered.values()) == told["sent"] + unknown
    return unknown


def _find_errors(
    call: Call, result: CallResult, delivered: int, met: Sequence[int]
) -> Iterator[str]:
    """What is wrong with the result of a call, given the faults that its requests met."""
    if delivered not in _ALLOWED_DELIVERIES[result.outcome]:
        yield "has an untrue outcome"
    if any(at < 0 or at >= RETRIED for at in met[:-1]):
        yield f"was retried although the service may have processed the request: {met}"
    reached_service = any(at < 0 or FAULTS[at][2][1] != "refused" for at in met)
    if reached_service and result.outcome in ("not_sent", "refused"):
        yield f"has an untrue outcome, since the service may process it later: {met}"
    if result.status in (TIMED_OUT, CANCELLED) or call.timeout < TIMEOUT:
        return  # The result depends on the speed of this machine.
    expected = FAULTS[met[-1]][2] if met and met[-1] >= 0 else (OK, "sent")
    if (result.status, result.outcome) != expected:
        yield f"does not match the faults that its requests met: {met}"
    if result.status != OK and result.attempts != len(met):
        yield f"reports a wrong number of attempts: {met}"
