"""The case table through every face: the same calls, the same requests, the same results."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support import faces, tokens
from support.canary import planted_in, told_in
from support.certificates import Certificates
from support.faces import Call, Face, Outcome
from support.names import mute
from support.recorder import MASKED, Received
from support.rows import Row, all_rows, call_of, filled, results_of, secrets_of
from support.stage import Stage, facing, staged

# Where operations lie whose names are not their paths.
PATHS = {
    "session/history": "/v1/auth/me/history",
    "session/logout_all": "/v1/auth/logoutall",
    "session/select_tenant": "/v1/auth/tenant/select",
    "session/validate_remote": "/v1/auth/validate",
    "test/create_user": "/v1/mgmt/user/create/test",
    "test/delete_all_users": "/v1/mgmt/user/test/delete/all",
    "test/generate_magiclink": "/v1/mgmt/tests/generate/magiclink",
}
HEADERS = {
    "authorization": "Bearer P2test",
    "content-type": "application/json",
    "host": "127.0.0.1:{PORT}",
    "user-agent": "libdescope_ml/0.1.0",
    "x-descope-project-id": "P2test",
    "x-descope-sdk-name": "libdescope_ml",
    "x-descope-sdk-version": "0.1.0",
}
USUAL_BODY = '{"loginId":"+14155550123"}'
# A client may say that it takes any answer.
OPTIONAL_HEADERS = {"accept"}

NAMES = {1: "ARGUMENT", 2: "CONFIG", 10: "NETWORK", 11: "TLS", 12: "TIMEOUT", 13: "PROTOCOL"}
NAMES |= {20: "API", 21: "RATE_LIMITED", 30: "TOKEN", 90: "INTERNAL"}

# What each row's errors said, by the face that came first.
first_messages: dict[str, list[str]] = {}


@pytest.fixture(scope="module")
def nobody() -> Iterator[dict[str, str]]:
    """Base URLs whose ports are taken: one refuses connections, the other leaves them waiting."""
    with socket.socket() as taken, mute("127.0.0.1") as port:
        taken.bind(("127.0.0.1", 0))
        dead = taken.getsockname()[1]
        yield {
            "DEAD": f"http://127.0.0.1:{dead}",
            "DEAD_PORT": str(dead),
            "MUTE": f"http://127.0.0.1:{port}",
        }


def pairs() -> list[Any]:
    """Every row with every face that can express it."""
    return [
        pytest.param(row, name, id=f"{row['name']}-{name}")
        for row in all_rows()
        for name in faces.NAMES
        if faces.can_express(name, call_of(row))
    ]


@pytest.mark.parametrize(("row", "face_name"), pairs())
def test_row_holds(
    row: Row,
    face_name: str,
    face: Callable[[str], Face],
    certificates: Certificates,
    nobody: Mapping[str, str],
    tmp_path: Path,
) -> None:
    """The requests that arrive, the result, and what the messages say and do not say."""
    with staged(row, certificates) as stage:
        stage.places.update(nobody, TOKEN="abcdefgh" * 2000, **tokens.places())
        stage.server.script = filled(row.get("server") or [{}], stage.places)
        stage.server.greetings = row.get("greetings", ["serve"])
        with facing(row, face_name, face, stage, tmp_path) as one:
            messages = perform(row, one, stage)
        check_wire(row, stage.server.received, stage.places)
        stage.check(row)
    if not any("{" in json.dumps(one.get("messageContains", [])) for one in results_of(row)):
        # How long to wait until a date depends on when the answer comes.
        same = [re.sub(r"Retry after \d+ s", "Retry after some time", message) for message in messages]
        assert same == first_messages.setdefault(row["name"], same)


def perform(row: Row, face: Face, stage: Stage) -> list[str]:
    """Makes the calls of a row and checks their results; the messages of the errors."""
    raw, places = call_of(row), stage.places
    call = Call(
        filled(raw.config, places),
        filled(raw.text, places),
        filled(raw.mapping, places),
        raw.config_text,
        raw.operation,
    )
    messages = []
    for expected in filled(results_of(row), places):
        outcome = face.perform(call)
        if expected["status"] == 0:
            assert outcome == Outcome(0, expected.get("answer", MASKED))
        else:
            messages.append(check_error(expected, outcome))
            assert_silent(outcome, filled(secrets_of(row), places))
        if stage.server.script[-1].get("then") in ("close", "reset"):
            stage.wait_closed()
    return messages


def assert_silent(outcome: Outcome, secrets: "list[str]") -> None:
    """The error document tells no secret, nor does an exception in what else it says."""
    told = told_in(outcome.out) + outcome.said
    assert not [secret for secret in secrets if secret in told], "a secret was told"
    assert planted_in(told) == []


def check_error(expected: Mapping[str, Any], outcome: Outcome) -> str:
    """Checks an error document; its message."""
    assert outcome.status == expected["status"], outcome.out
    assert set(outcome.out) == {"error"}
    error = dict(outcome.out["error"])
    message = error.pop("message")
    assert isinstance(message, str)
    assert message.isprintable()
    assert "may have processed" not in message or error["outcome"] == "unknown"
    missing = [part for part in expected.get("messageContains", []) if part not in message]
    assert not missing, message
    wanted = dict(expected["error"])
    least, most = wanted.pop("retryAfterBetween", (None, None))
    if least is not None:
        assert least <= error.pop("retryAfter") <= most
    name = f"DESCOPE_E_{NAMES[outcome.status]}"
    assert error == {"status": outcome.status, "name": name, **wanted}
    return message


def check_wire(row: Row, received: list[Received], places: Mapping[str, str]) -> None:
    """Checks that these requests arrived, and no others."""
    expected = row["wire"]
    operation = call_of(row).operation
    usual_path = PATHS.get(operation, f"/v1/auth/{operation.replace('session/', '')}")
    if isinstance(expected, int):
        expected = [{}] * expected
    assert len(received) == len(expected)
    for wanted, request in zip(filled(expected, places), received):
        method = wanted.get("method", "POST")
        assert request.method == method
        assert request.path == wanted.get("path", usual_path)
        headers = {name.lower(): value for name, value in request.headers}
        assert len(headers) == len(request.headers), "a header came twice"
        for name in OPTIONAL_HEADERS:
            headers.pop(name, None)
        usual = filled(HEADERS, places)
        if method == "POST":
            body = body_of(wanted)
            assert request.body == body[: wanted.get("taken", len(body))]
            usual["content-length"] = str(len(body.encode()))
        else:
            assert request.body == ""
            del usual["content-type"]
        assert headers == {**usual, **wanted.get("headers", {})}


def body_of(wanted: Mapping[str, Any]) -> str:
    """The body that is to arrive."""
    if "bodyParts" in wanted:
        return "".join(part * count for part, count in wanted["bodyParts"])
    return str(wanted.get("body", USUAL_BODY))
