"""Memory that runs out: each call returns a status, and the process lives.

The programs have an allocator whose n-th allocation fails. `make oom` lets each one fail in turn,
`make test` some.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import emulator
from support.emulator import Emulator
from support.programs import assert_ok, compile_program, run

# Every so many allocations one fails.
STEP = os.environ.get("DESCOPE_ML_OOM_STEP", "11")

PHONE = "+14155550123"

DOCUMENTS = ["json_set", "json_set_first", "json_set_n", "json_put", "json_get"]
DOCUMENTS += ["json_set_large", "json_get_large"]
CLIENTS = ["client_new", "configure", "warm_up", "queue_new"]
CALLS = ["sign_in_default", "sign_in_cold", "sign_in_warm", "sign_in_large"]
CALLS += [
    "validate_cold",
    "validate_warm",
    "refresh_cold",
    "refresh_warm",
    "observe",
    "log_client",
    "validate_logged",
    "refresh_logged",
    "cleanup",
    "queue_cold",
    "queue_cancel",
    "queue_free",
]

pytestmark = pytest.mark.plain


@pytest.fixture(name="local", scope="module", params=[[], ["--tls"]], ids=["http", "https"])
def _local(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with emulator.run_emulator(*request.param) as local:
        local.sign_up(PHONE)
        yield local


@pytest.fixture(name="program", scope="module")
def _program(tmp_path_factory: pytest.TempPathFactory) -> str:
    return compile_program("c/failing_allocations.c", tmp_path_factory.mktemp("program"))


def survive(program: str, scenario: str, mode: str, *arguments: str) -> dict[str, str]:
    """Runs a scenario while allocations fail, and then as often as it takes.

    Returns:
        The outcome of each call, by its login ID.
    """
    done = run([program, scenario, mode, STEP, *arguments])
    *lines, last = done.stdout.splitlines() or [""]
    assert (done.stderr, last, done.returncode) == ("", "ok", 0), done.stdout
    assert lines, "nothing was called"
    return dict(line.split() for line in lines if line.startswith("+"))


@pytest.mark.parametrize("mode", ["once", "on"])
@pytest.mark.parametrize("scenario", DOCUMENTS)
def test_documents(program: str, scenario: str, mode: str) -> None:
    survive(program, scenario, mode, "{}")


@pytest.mark.parametrize("mode", ["once", "on"])
@pytest.mark.parametrize("scenario", [*CLIENTS, *CALLS])
def test_calls(local: Emulator, program: str, scenario: str, mode: str) -> None:
    token = ""
    if scenario.startswith(("validate", "refresh")):
        local.post("/v1/auth/magiclink/signin/sms", {"loginId": PHONE})
        (message, *_) = local.messages(PHONE)
        session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
        token = session["sessionJwt" if scenario.startswith("validate") else "refreshJwt"]
    outcomes = survive(program, scenario, mode, local.config(), token)
    check_outcomes(local, outcomes)


@pytest.mark.parametrize("mode", ["once", "on"])
@pytest.mark.parametrize("scenario", ["sign_in_cold", "queue_cold"])
def test_calls_with_a_dns_lookup(program: str, scenario: str, mode: str) -> None:
    with emulator.run_emulator() as local:
        check_outcomes(local, survive(program, scenario, mode, local.config("localhost")))


@pytest.mark.parametrize("mode", ["once", "on"])
def test_a_client_with_the_certificates_of_the_system(program: str, mode: str) -> None:
    survive(program, "client_new_system", mode, json.dumps({"projectId": "P2test"}))


def check_outcomes(local: Emulator, outcomes: dict[str, str]) -> None:
    """Checks what the calls have said against what the service has done."""
    reached = local.addresses()
    for login_id, outcome in outcomes.items():
        assert outcome in {"sent", "not_sent", "unknown"}, login_id
        if outcome != "unknown":
            assert (login_id in reached) == (outcome == "sent"), login_id


def test_threads_without_memory(local: Emulator, tmp_path: Path) -> None:
    """The address space of the process is limited."""
    assert_ok([compile_program("c/memory_limit.c", tmp_path), local.config()])
