"""The case table: reads the rows in `tests/cases`, checks them, and fills in placeholders.

A row describes one call, the requests that it must send, and its result. Every face must pass it.
Each row is a JSON object with the keys of `Row`:

    {"name": "a_503_is_retried", "server": [{"status": 503}, {}], "wire": 2,
     "result": {"status": 0}}

Texts in a row may contain placeholders:

- `{SERVER}`, `{PORT}`: the base URL of the server, and its port.
- `{OTHER}`: the base URL of a second server, which must receive nothing.
- `{DEAD}`, `{DEAD_PORT}`: a base URL that refuses connections, and its port.
- `{MUTE}`: a base URL where connecting neither succeeds nor fails.
- `{PROXY}`: host and port of the proxy.
- `{TRUSTED}`, `{STRANGER}`: files with the CA of the server's certificate, and with another CA.
- `{AUTHORITIES}`: a directory with the CA of the server's certificate.
- `{SEPARATOR}`: what separates the directories of a list.
- `{NO_FILE}`, `{FOLDER}`: the path of a file that does not exist, and a directory.
- `{TOKEN}`: a token of 16,000 characters.
- `{DATE+n}`: the HTTP date of the moment n seconds from now.
- the names of the tokens and key sets in `support/tokens.py`, such as `{SESSION}`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any, Literal, Optional, TypedDict, Union

from support.faces import SIGN_IN_SMS, Call
from support.recording_server import Greeting, ScriptedResponse
from support.typed_json import problems

CASES = Path(__file__).resolve().parent.parent / "cases"

# The request of a row without one.
DEFAULT_REQUEST = {"loginId": "+14155550123"}


class ExpectedRequest(TypedDict, total=False):
    """A request that must arrive. All keys are optional; `{}` is the usual request."""

    # The method; POST by default.
    method: str
    # The path; by default that of the operation.
    path: str
    # Headers that differ from the usual ones.
    headers: Mapping[str, str]
    # The body; by default that of a sign-in of the default request.
    body: str
    # The body in parts: texts, each with its number of repetitions.
    bodyParts: list[list[Union[str, int]]]
    # How many bytes of the body arrive before the connection ends.
    taken: int


class TunnelRequest(TypedDict, total=False):
    """A request that must arrive at the proxy."""

    # The request line, such as `CONNECT host:443 HTTP/1.1`.
    line: str
    # The value of `Proxy-Authorization`.
    credentials: str


class ExpectedError(TypedDict, total=False):
    """Every key of the error document, except `status`, `name` and `message`."""

    outcome: Literal["not_sent", "refused", "unknown"]
    attempts: int
    httpStatus: int
    errorCode: str
    errorDescription: str
    errorMessage: str
    reason: str
    requestId: str
    retryAfter: int
    # The smallest and the largest allowed `retryAfter`, where it depends on the time.
    retryAfterBetween: list[int]


class _ResultStatus(TypedDict):
    # The status code: 0 for success, otherwise that of the error.
    status: int


class ExpectedResult(_ResultStatus, total=False):
    """The result of a call."""

    # The response document of a success; by default that of a sign-in.
    answer: Mapping[str, Any]
    # The error document of a failure.
    error: ExpectedError
    # Texts that the message of the error must contain.
    messageContains: list[str]


class _RequiredKeys(TypedDict):
    # What the row shows, in plain words with underscores. No two rows have the same name.
    name: str
    # The requests that must arrive at the server, in order. A number stands for as many usual ones.
    wire: Union[int, list[ExpectedRequest]]


class Row(_RequiredKeys, total=False):
    """A row of the case table. Only `name`, `wire` and one of `result`, `results` are required."""

    # The operation; a sign-in by SMS by default.
    operation: str
    # Keys of the client's configuration. Project ID and base URL have defaults.
    config: Mapping[str, Any]
    # The complete configuration as text, for invalid JSON.
    configText: str
    # The request document; `DEFAULT_REQUEST` by default.
    request: Mapping[str, Any]
    # The request document as text, for invalid JSON.
    requestText: str
    # The request document in parts: texts, each with its number of repetitions.
    requestParts: list[list[Union[str, int]]]
    # How often the call is made; 1 by default.
    calls: int

    # The responses of the server, in order; see `ScriptedResponse`.
    server: list[ScriptedResponse]
    # What the server does with each new connection.
    greetings: list[Greeting]
    # The kind of certificate, for a server with TLS; see `Certificates.server_context`.
    tls: Literal["good", "named", "ipv6", "otherName", "expired", "notYet", "old", "older"]
    # The address of the server; 127.0.0.1 by default.
    listen: str
    # A second address where connecting to the server's port neither succeeds nor fails.
    mute: str

    # The environment variables of the library. The face then runs in a process of its own.
    environment: Mapping[str, str]
    # The hosts file: names, each with its addresses.
    hosts: Mapping[str, list[str]]
    # What the DNS server does; see `DnsServer`.
    names: Literal["unknown", "broken", "silent"]
    # The name for which the DNS server must receive a query.
    asked: str

    # What the proxy does with each connection; see `Proxy`.
    proxy: list[str]
    # The requests that must arrive at the proxy.
    tunnels: list[TunnelRequest]

    # How many connections the server must accept.
    connections: int
    # How many connections must resume an earlier TLS session.
    resumed: int
    # The result of every call.
    result: ExpectedResult
    # One result per call, if they differ.
    results: list[ExpectedResult]
    # Texts that no error may contain. The login ID, tokens, keys and planted secrets are always
    # checked.
    secrets: list[str]


def load_rows() -> list[Row]:
    """All rows of all files. The name of the file comes before the name of the row."""
    rows: list[Row] = []
    for path in sorted(CASES.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            place = f"{path.name}, {row.get('name')}"
            found = problems(row, Row, place)
            assert not found, found
            assert ("result" in row) != ("results" in row), f"{place}: needs result or results"
            row["name"] = f"{path.stem}-{row['name']}"
            rows.append(row)
    names = [row["name"] for row in rows]
    duplicates = {name for name in names if names.count(name) > 1}
    assert not duplicates, f"several rows have the name {duplicates}"
    return rows


def build_call(row: Row) -> Call:
    """The call of a row, with its placeholders."""
    config = {"projectId": "P2test", "baseUrl": "{SERVER}", **row.get("config", {})}
    mapping: Optional[Mapping[str, Any]] = row.get("request")
    if "requestText" in row:
        text = row["requestText"]
    elif "requestParts" in row:
        text = join_parts(row["requestParts"])
    else:
        mapping = mapping if mapping is not None else DEFAULT_REQUEST
        text = json.dumps(mapping, ensure_ascii=False, separators=(",", ":"))
    operation = row.get("operation", SIGN_IN_SMS)
    return Call(config, text, mapping, row.get("configText"), operation)


def join_parts(parts: list[list[Union[str, int]]]) -> str:
    """A text from parts: each is a text and its number of repetitions."""
    return "".join(str(text) * int(count) for text, count in parts)


def expected_results(row: Row) -> list[ExpectedResult]:
    """The expected result of each call of a row."""
    return row["results"] if "results" in row else [row["result"]] * row.get("calls", 1)


def row_secrets(row: Row) -> list[str]:
    """The texts in a row that no error may contain."""
    request = row.get("request", DEFAULT_REQUEST)
    keys = ("loginId", "refreshToken", "sessionToken", "accessKey", "token", "email", "phone")
    found = [request.get(key) for key in keys]
    found += [row.get("config", {}).get(key) for key in ("authManagementKey", "managementKey")]
    found += row.get("secrets", [])
    return [text for text in found if isinstance(text, str) and text.strip()]


def fill_placeholders(value: Any, placeholders: Mapping[str, str]) -> Any:
    """Replaces the placeholders in a part of a row.

    Args:
        value: Any JSON value.
        placeholders: The text for each placeholder, by its name without braces.

    Returns:
        A value of the same shape.
    """
    if isinstance(value, str):
        for name, text in placeholders.items():
            value = value.replace(f"{{{name}}}", text)
        return re.sub(r"\{DATE\+(\d+)\}", _http_date, value)
    if isinstance(value, Mapping):
        return {key: fill_placeholders(member, placeholders) for key, member in value.items()}
    if isinstance(value, list):
        return [fill_placeholders(item, placeholders) for item in value]
    return value


def _http_date(found: re.Match[str]) -> str:
    return formatdate(time.time() + int(found.group(1)), usegmt=True)
