"""The rows of the case table: read from `tests/cases`, filled in for one run.

A row is one statement about a call, the same for every face:

- `name`: what holds, in words.
- `operation`: by its name; a sign-in by SMS unless given.
- `config`: merged over the project's ID and the server's address; or `configText`, as it stands.
- `request`: a document; or `requestText`; or `requestParts`, texts and how often each comes.
- `calls`: how often the call is made; 1 unless given. The result is that of every call.
- `server`: the answers, in order, and `greetings` (see `recorder`); `tls`: its certificate (see
  `certificates`); `listen`: its address, 127.0.0.1 unless given; `mute`: another address, which has
  the same port and takes no connection.
- `environment`: variables of a process of its own; `hosts`: the only names that it knows, each with
  its addresses; `names`: how its name server answers (see `names`), which is `asked` for this name.
- `proxy`: what a proxy does, connection by connection (see `proxy`); `tunnels`: what it is asked.
- `wire`: the requests that must have arrived: `[]` for none, a number for so many usual ones.
- `connections`: how many connections were made; `resumed`: how many with an earlier TLS session.
- `result`: `{"status": 0, "answer": …}` or `{"status": n, "error": …, "messageContains": […]}`; the
  error is every key of the error document but `status`, `name` and `message`. Or `results`, one
  for each call.
- `secrets`: more texts that no error may tell, beside the login ID, token and key; what is
  planted, as `canary` has it, none may either.

Texts may hold `{SERVER}`, `{PORT}`, `{DEAD}` (a base URL where nobody listens), `{DEAD_PORT}`,
`{MUTE}` (one whose connections are neither taken nor refused), `{OTHER}` (one of a server that
nothing must reach), `{PROXY}` (host and port), `{TRUSTED}` (the CA of the server's certificate),
`{STRANGER}` (another CA), `{AUTHORITIES}` (a directory with the CA), `{NO_FILE}`, `{FOLDER}`,
`{TOKEN}` (a long one), `{DATE+n}` (in n seconds), and the names of the tokens and key sets in
`tokens`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any, Optional

from support.faces import SIGN_IN_SMS, Call

CASES = Path(__file__).resolve().parent.parent / "cases"

Row = Mapping[str, Any]

_KEYS = {
    "name",
    "operation",
    "config",
    "configText",
    "request",
    "requestText",
    "requestParts",
    "calls",
}
_KEYS |= {"server", "greetings", "tls", "listen", "mute", "environment", "hosts", "names", "asked"}
_KEYS |= {"proxy", "tunnels", "wire", "connections", "resumed", "result", "results", "secrets"}


def all_rows() -> list[Row]:
    """Every row of every file, each with a name that no other has."""
    rows: list[Row] = []
    for path in sorted(CASES.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            unknown = set(row) - _KEYS
            assert not unknown, f"{path.name}, {row.get('name')}: unknown keys {sorted(unknown)}"
            assert {"name", "wire"} <= set(row), f"{path.name}: {row.get('name')}"
            assert ("result" in row) != ("results" in row), f"{path.name}: {row['name']}"
            rows.append({**row, "name": f"{path.stem}-{row['name']}"})
    names = [row["name"] for row in rows]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"two rows are called {twice}"
    return rows


def call_of(row: Row) -> Call:
    """The call that a row makes, placeholders left as they are."""
    config = {"projectId": "P2test", "baseUrl": "{SERVER}", **row.get("config", {})}
    mapping: Optional[Mapping[str, Any]] = row.get("request")
    if "requestText" in row:
        text = row["requestText"]
    elif "requestParts" in row:
        text = "".join(part * count for part, count in row["requestParts"])
    else:
        mapping = mapping if mapping is not None else {"loginId": "+14155550123"}
        text = json.dumps(mapping, ensure_ascii=False, separators=(",", ":"))
    operation = row.get("operation", SIGN_IN_SMS)
    return Call(config, text, mapping, row.get("configText"), operation)


def results_of(row: Row) -> list[Mapping[str, Any]]:
    """What each call of a row must end with."""
    results: Optional[list[Mapping[str, Any]]] = row.get("results")
    return results or [row["result"]] * row.get("calls", 1)


def secrets_of(row: Row) -> list[str]:
    """The texts of a row that no message may hold."""
    request = row.get("request", {"loginId": "+14155550123"})
    keys = ("loginId", "refreshToken", "sessionToken", "token", "email", "phone")
    found = [request.get(key) for key in keys]
    found += [row.get("config", {}).get(key) for key in ("authManagementKey", "managementKey")]
    found += row.get("secrets", [])
    return [text for text in found if isinstance(text, str) and text.strip()]


def filled(value: Any, places: Mapping[str, str]) -> Any:
    """A part of a row with its placeholders filled in.

    Args:
        value: Any JSON value.
        places: What stands for each name in braces.

    Returns:
        The value, of the same shape.
    """
    if isinstance(value, str):
        for name, text in places.items():
            value = value.replace(f"{{{name}}}", text)
        return re.sub(r"\{DATE\+(\d+)\}", _date, value)
    if isinstance(value, Mapping):
        return {key: filled(member, places) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(item, places) for item in value]
    return value


def _date(found: re.Match[str]) -> str:
    return formatdate(time.time() + int(found.group(1)), usegmt=True)
