"""What the case table cannot say of the network: moments that differ, and what comes late."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.faces import SIGN_IN_SMS, Call, Face, open_face
from support.names import name_server, surrounded
from support.recorder import Recorder, recording

HOST = "api.example.invalid"
FACES = ("c", "python")

# How many calls meet a server that closes at any moment.
CALLS = 200


def sign_in(server: Recorder, login_id: str = "+14155550123", **config: Any) -> Call:
    """A sign-in at a server."""
    config = {"projectId": "P2test", "baseUrl": server.url, **config}
    return Call.of(SIGN_IN_SMS, config, {"loginId": login_id})


@pytest.mark.parametrize("name", FACES)
def test_a_look_up_that_ends_too_late_serves_the_next_call(name: str, tmp_path: Path) -> None:
    """A call that gives up leaves its look-up to the next one, which asks nobody again."""
    with recording() as server, name_server("late") as names:
        face = open_face(name, surrounded(tmp_path, {}, names.address))
        config: dict[str, Any] = {"baseUrl": f"http://{HOST}:{server.port}"}
        config |= {"allowInsecureHttp": True, "timeoutMs": 5000}
        hasty = Call.of(
            SIGN_IN_SMS,
            {"projectId": "P2test", **config},
            {"loginId": "+14155550123", "timeoutMs": 400},
        )
        given_up = face.perform(hasty)
        assert (given_up.status, given_up.out["error"]["outcome"]) == (12, "not_sent")
        assert server.received == []
        names.answer()
        assert face.perform(sign_in(server, **config)).status == 0
        assert len(server.received) == 1
        assert names.times_asked_for(HOST) == 1
        face.close()


@pytest.mark.parametrize("name", FACES)
def test_a_connection_that_is_reset_at_once_is_told_as_what_it_was(
    name: str, face: Callable[[str], Face]
) -> None:
    """The reset may come before or after the request has left, and the outcome says which."""
    with recording() as server:
        server.greetings = ["slam"]
        calls = [sign_in(server, f"user-{n}@example.com", maxAttempts=1) for n in range(50)]
        errors = [face(name).perform(call).out["error"] for call in calls]
        assert {(error["name"], error["attempts"]) for error in errors} == {
            ("DESCOPE_E_NETWORK", 1)
        }
        assert {error["outcome"] for error in errors} <= {"not_sent", "unknown"}
        assert server.received == []


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("name", FACES)
def test_a_server_that_closes_at_any_moment_gets_no_request_twice(
    name: str, how: str, face: Callable[[str], Face]
) -> None:
    """Whom the call says that it reached, it reached once; whom it does not know of, never."""
    moments = random.Random(7)
    with recording() as server:
        server.script = [
            {"then": how, "pause": moments.choice([0, moments.uniform(0, 0.004)])}
            for _ in range(CALLS)
        ]
        outcomes = {
            login_id: face(name).perform(sign_in(server, login_id))
            for login_id in (f"user-{number}@example.com" for number in range(CALLS))
        }
        errors = [outcome.out["error"] for outcome in outcomes.values() if outcome.status != 0]
        told = [(error["name"], error["outcome"], error["attempts"]) for error in errors]
        assert set(told) <= {("DESCOPE_E_NETWORK", "unknown", 1)}
        reached = [f'{{"loginId":"{one}"}}' for one, out in outcomes.items() if out.status == 0]
        assert [request.body for request in server.received] == reached
