"""What holds for the event of any call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from support.secret_leaks import find_secrets

_REQUIRED = {
    "operation",
    "status",
    "name",
    "attempts",
    "startTimeMs",
    "totalMs",
    "phases",
    "requests",
}
_OPTIONAL = {
    "tag",
    "outcome",
    "reason",
    "errorCode",
    "httpStatus",
    "requestId",
    "connectionReused",
    "clockDifferenceSeconds",
}
_PHASES = {
    "dnsMs",
    "connectMs",
    "tlsMs",
    "sendMs",
    "waitMs",
    "readMs",
    "retryWaitMs",
    "keysWaitMs",
    "connectionWaitMs",
}

# What a call can fail with before its operation is known.
_ARGUMENT, _CONFIG = 1, 2

# Sums of floating-point numbers differ from the exact value by less.
_ROUNDING = 1e-6


def check_event(event: Mapping[str, Any]) -> None:
    """Asserts that the keys and the times of an event are right, and that it has no secret."""
    assert set(event) >= _REQUIRED, event
    assert set(event) <= _REQUIRED | _OPTIONAL, event
    assert find_secrets(repr(event)) == [], event
    phases, total = event["phases"], event["totalMs"]
    assert set(phases) == _PHASES, event
    assert min(phases.values()) >= 0, event
    assert sum(phases.values()) <= total + _ROUNDING, event
    end = 0.0
    for request in event["requests"]:
        # One after the other, within the call.
        assert request["startMs"] + _ROUNDING >= end, event
        end = request["startMs"] + request["durationMs"]
        assert end <= total + _ROUNDING, event


def check_event_of(
    status: int, document: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> None:
    """Asserts that a call has one event, which says the same as its result."""
    assert len(events) == 1 or (not events and status in (_ARGUMENT, _CONFIG)), events
    for event in events:
        check_event(event)
        assert event["status"] == status, event
        if status != 0:
            error = document["error"]
            for key in ("name", "outcome", "reason", "httpStatus", "requestId"):
                assert event.get(key) == error.get(key), event
            assert event["attempts"] == error.get("attempts", 0), event
