"""Several Python interpreters in one process: sub-interpreters, and Apache with mod_wsgi."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import apache, hosts
from support.emulator import Emulator, fetch, run_emulator
from support.programs import run
from support.pythons import installed_pythons

ERRORS = [
    "ArgumentError",
    "ArgumentError",
    "ConfigError",
    "TokenError",
    "ApiError",
    "RateLimitException",
    "ProtocolError",
    "NetworkError",
    "TlsError",
    "CallTimeoutError",
    "InternalError",
]


OWN_GIL = "descope_ml cannot be imported in an interpreter with a GIL of its own (PEP 684)"


@pytest.fixture
def service() -> Iterator[Emulator]:
    """An emulator that makes the errors of the journey."""
    with run_emulator() as emulator:
        emulator.control("faults", path="/v1/auth/magiclink/signin/whatsapp", status=429)
        emulator.control("faults", path="/v1/auth/magiclink/signin/sms", status=200, body="x")
        emulator.control("faults", path="/silent/*", silent=True)
        yield emulator


def environment(service: Emulator) -> dict[str, str]:
    """The environment of a host."""
    return {
        **service.environment(),
        "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(hosts.FOLDER)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def expected(name: str, *, first_run: bool, awaits: bool = True) -> dict[str, Any]:
    """What the journey returns if everything works."""
    return {
        "name": name,
        "caught": ERRORS,
        "users": [f"{name}@interpreters.example.com"],
        "claims": [None, name, name][: 3 if awaits else 2],
        "default": "configured now" if first_run else "unreachable",
        "lines": 10 if awaits else 8,
        "events": 10 if awaits else 8,
    }


@pytest.mark.parametrize("python", installed_pythons(), ids=lambda path: Path(path).name)
def test_every_interpreter_of_a_process_works_alone_beside_and_after_others(
    python: str, service: Emulator
) -> None:
    """Each has its own error classes, default client, log and events; no signal ends its calls."""
    done = run([python, str(hosts.FOLDER / "interpreters_host.py")], environment(service))
    assert (done.returncode, done.stderr) == (0, "")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    journeys = {one["name"]: one for one in results if "name" in one}
    for name, result in journeys.items():
        assert result == expected(name, first_run="-" not in name, awaits="-beside-" not in name)
    assert sorted(journeys) == [
        "first",
        "first-beside-second",
        "last",
        "main",
        "second",
        "second-beside-first",
        "second-without-first",
        "third",
        "third-after-main",
        "third-without-second",
    ]
    others = [one for one in results if "name" not in one]
    assert others[:2] == [{"sent": "+1********23"}, {"handler": "ran after the call"}]
    assert others[-1] == {"left": 0, "connected": True}
    refused = [one["import_error"].partition(", such as")[0] for one in others[2:-1]]
    version = run([python, "-c", "import sys; print(sys.version_info[1])"]).stdout
    assert refused == [OWN_GIL] * (int(version) >= 12)


def test_applications_in_one_process_of_apache_work_beside_each_other(
    service: Emulator, tmp_path: Path
) -> None:
    """mod_wsgi runs each application in an interpreter of its own, here on one thread."""
    names = ("first", "second")
    server = apache.Apache(tmp_path, environment(service), names)
    with server.run() as url:
        runs = [fetch(f"{url}/{name}/{number}") for number in (1, 2) for name in names]
    assert runs == [
        {
            "pid": runs[0]["pid"],
            "interpreter": name,
            **expected(f"{name}-{number}", first_run=number == 1),
        }
        for number in (1, 2)
        for name in names
    ]
    assert server.problems() == []
