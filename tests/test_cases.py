"""Runs the case table (`tests/cases`) through every face: same requests, results and messages."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support import faces
from support.case_cut import rows_of_this_run
from support.case_servers import CaseServers, face_for_row, start_servers
from support.case_table import (
    ExpectedRequest,
    ExpectedResult,
    Row,
    build_call,
    expected_results,
    fill_placeholders,
    join_parts,
    row_secrets,
)
from support.certificates import Certificates
from support.dns import unresponsive_port
from support.faces import Call, Face, Result
from support.messages import check_message
from support.recording_server import LINK_SENT, ReceivedRequest
from support.runner import as_reported
from support.secret_leaks import client_text, find_secrets
from support.tokens import token_placeholders

# The paths of operations whose path differs from their name.
PATHS = {
    "management/embedded_link": "/v1/mgmt/user/signin/embeddedlink",
    "management/embedded_link_signup": "/v1/mgmt/user/signup/embeddedlink",
    "management/delete_user": "/v1/mgmt/user/delete",
    "session/exchange_access_key": "/v1/auth/accesskey/exchange",
    "session/history": "/v1/auth/me/history",
    "session/logout_all": "/v1/auth/logoutall",
    "session/select_tenant": "/v1/auth/tenant/select",
    "session/tenants": "/v1/auth/me/tenants",
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
DEFAULT_BODY = '{"loginId":"+14155550123"}'
# A request may contain these headers.
OPTIONAL_HEADERS = {"accept"}

STATUS_NAMES = {1: "ARGUMENT", 2: "CONFIG", 10: "NETWORK", 11: "TLS", 12: "TIMEOUT", 13: "PROTOCOL"}
STATUS_NAMES |= {20: "API", 21: "RATE_LIMITED", 30: "TOKEN", 90: "INTERNAL"}


@pytest.fixture(scope="module")
def first_messages() -> dict[str, list[str]]:
    """The messages of each row from the face that ran first. Other faces must have the same."""
    return {}


@pytest.fixture(scope="module")
def closed_ports() -> Iterator[dict[str, str]]:
    """Placeholders for a port that refuses connections and one that does not respond."""
    with socket.socket() as bound, unresponsive_port("127.0.0.1") as port:
        bound.bind(("127.0.0.1", 0))
        dead = bound.getsockname()[1]
        yield {
            "DEAD": f"http://127.0.0.1:{dead}",
            "DEAD_PORT": str(dead),
            "MUTE": f"http://127.0.0.1:{port}",
        }


def rows_and_faces() -> list[Any]:
    """Every row with every face that can express it."""
    return [
        pytest.param(row, name, id=f"{row['name']}-{name}")
        for row in rows_of_this_run()
        for name in faces.FACES
        if faces.can_express(name, build_call(row))
    ]


@pytest.mark.parametrize(("row", "face_name"), rows_and_faces())
def test_case(
    row: Row,
    face_name: str,
    face: Callable[[str], Face],
    certificates: Certificates,
    closed_ports: Mapping[str, str],
    first_messages: dict[str, list[str]],
    tmp_path: Path,
) -> None:
    """Requests, results and messages are as in the row, and no secret leaks."""
    with start_servers(row, certificates) as servers:
        placeholders = servers.placeholders
        placeholders.update(closed_ports, TOKEN="abcdefgh" * 2000, **token_placeholders())
        servers.server.script = fill_placeholders(row.get("server") or [{}], placeholders)
        if "greetings" in row:
            servers.server.greetings = row["greetings"]
        with face_for_row(row, face_name, face, servers, tmp_path) as opened_face:
            messages = make_calls(row, opened_face, servers)
        check_requests(row, servers.server.received, placeholders)
        servers.check(row)
    expected = json.dumps([result.get("messageContains", []) for result in expected_results(row)])
    if "{" not in expected:  # A placeholder, such as a port, differs in every run.
        # The wait until a date depends on the time of the response.
        same = [re.sub(r"Retry after \d+ s", "Retry after n s", message) for message in messages]
        assert same == first_messages.setdefault(row["name"], same)


def make_calls(row: Row, face: Face, servers: CaseServers) -> list[str]:
    """Makes the calls of a row and checks their results; returns the messages of the errors."""
    unfilled, placeholders = build_call(row), servers.placeholders
    call = Call(
        fill_placeholders(unfilled.config, placeholders),
        fill_placeholders(unfilled.text, placeholders),
        fill_placeholders(unfilled.mapping, placeholders),
        unfilled.config_text,
        unfilled.operation,
    )
    messages = []
    for expected in fill_placeholders(expected_results(row), placeholders):
        result = face.execute(call)
        if expected["status"] == 0:
            assert result == Result(0, expected.get("answer", LINK_SENT))
        else:
            messages.append(check_error(expected, result))
            assert_no_secrets(result, fill_placeholders(row_secrets(row), placeholders))
        if servers.server.script[-1].get("then") in ("close", "reset"):
            servers.wait_until_closed()
    return messages


def assert_no_secrets(result: Result, secrets: "list[str]") -> None:
    """Asserts that neither the error document nor the exception contains a secret."""
    text = client_text(result.document) + result.exception_text
    assert not [secret for secret in secrets if secret in text], "the error contains a secret"
    assert find_secrets(text) == []


def check_error(expected: ExpectedResult, result: Result) -> str:
    """Checks an error document and returns its message."""
    assert result.status == expected["status"], result.document
    assert set(result.document) == {"error"}
    error = dict(result.document["error"])
    message = as_reported(check_message(error.pop("message")))
    assert "may have processed" not in message or error["outcome"] == "unknown"
    parts = map(as_reported, expected.get("messageContains", []))
    missing = [part for part in parts if part not in message]
    assert not missing, message
    remaining: dict[str, Any] = dict(expected["error"])
    least, most = remaining.pop("retryAfterBetween", (None, None))
    if least is not None:
        assert least <= error.pop("retryAfter") <= most
    name = f"DESCOPE_E_{STATUS_NAMES[result.status]}"
    assert error == {"status": result.status, "name": name, **remaining}
    return message


def check_requests(
    row: Row, received: list[ReceivedRequest], placeholders: Mapping[str, str]
) -> None:
    """Checks that exactly the expected requests have arrived."""
    wire = row["wire"]
    operation = build_call(row).operation
    default_path = PATHS.get(operation, f"/v1/auth/{operation.replace('session/', '')}")
    requests: list[ExpectedRequest] = [{}] * wire if isinstance(wire, int) else wire
    assert len(received) == len(requests)
    for expected, request in zip(fill_placeholders(requests, placeholders), received):
        method = expected.get("method", "POST")
        assert request.method == method
        assert request.path == expected.get("path", default_path)
        headers = {name.lower(): value for name, value in request.headers}
        assert len(headers) == len(request.headers), "a header was sent twice"
        for name in OPTIONAL_HEADERS:
            headers.pop(name, None)
        default_headers = fill_placeholders(HEADERS, placeholders)
        if method == "POST":
            body = expected_body(expected)
            assert request.body == body[: expected.get("taken", len(body))]
            default_headers["content-length"] = str(len(body.encode()))
        else:
            assert request.body == ""
            del default_headers["content-type"]
        assert headers == {**default_headers, **expected.get("headers", {})}


def expected_body(expected: ExpectedRequest) -> str:
    """The body that must arrive."""
    if "bodyParts" in expected:
        return join_parts(expected["bodyParts"])
    return expected.get("body", DEFAULT_BODY)
