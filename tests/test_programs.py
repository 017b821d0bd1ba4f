"""Programs in C and C++ that use and misuse the library, plain and under valgrind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact
from support.programs import CHECKERS, assert_ok, checker, compiled, run
from support.recorder import MASKED, recording

PHONE = "+14155550123"


@pytest.mark.parametrize("how", CHECKERS)
@pytest.mark.parametrize("source", ["c/invalid_arguments.c", "cpp/wrapper.cpp"])
def test_misuse_is_answered_with_a_status(source: str, how: str, tmp_path: Path) -> None:
    assert_ok([*checker(how), compiled(source, tmp_path)])


@pytest.mark.plain
def test_a_lack_of_memory_is_answered_with_a_status(tmp_path: Path) -> None:
    program = compiled("c/out_of_memory.c", tmp_path)
    with recording() as server:
        # Of a length that nothing else on the way has.
        server.script = [{"json": {**MASKED, "more": "x" * 12344}}]
        assert_ok([program, json.dumps({"projectId": "P2test", "baseUrl": server.url})])
        assert len(server.received) == 3


@pytest.mark.parametrize("how", CHECKERS)
def test_eight_threads_share_one_client(how: str, tmp_path: Path) -> None:
    program = compiled("c/shared_client.c", tmp_path)
    with emulator.running() as local:
        local.sign_up(PHONE)
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        assert_ok([*checker(how), program, config])


# What valgrind makes of the assembler that seals a record: the tag at its end is not defined to it,
# though the other side finds it right.
SEALED = "--undef-value-errors=no"


@pytest.mark.plain
@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_threads_with_clients_of_their_own_leave_no_memory_behind(
    flags: list[str], tmp_path: Path
) -> None:
    """With sessions and with names that are looked up."""
    program = compiled("c/thread_isolation.c", tmp_path)
    with emulator.running(*flags) as local:
        memcheck = [*checker("memcheck"), *([SEALED] if flags else [])]
        assert_ok([*memcheck, program, local.config(), local.config("localhost"), "8", "2"])


@pytest.mark.parametrize("how", CHECKERS)
def test_many_threads_and_a_child_share_one_fetch_of_keys(how: str, tmp_path: Path) -> None:
    program = compiled("c/concurrent_validation.c", tmp_path)
    with emulator.running() as local:
        local.sign_up(PHONE)
        (message,) = local.messages(PHONE)
        session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        assert_ok([*checker(how), program, config, session["sessionJwt"]])
        paths = [request["path"] for request in local.requests()]
        assert paths.count(f"/v2/keys/{local.project_id}") == 1


@pytest.mark.plain
def test_a_panic_in_a_release_build_comes_back_as_a_status(tmp_path: Path) -> None:
    library = artefact("DESCOPE_ML_PANIC_LIBRARY") / "libdescope_ml.so"
    assert_ok([compiled("c/panic.c", tmp_path, library)])


@pytest.mark.plain
def test_the_library_as_it_ships_has_no_operation_that_panics(tmp_path: Path) -> None:
    done = run([compiled("c/panic.c", tmp_path)])
    assert done.returncode == 1
    assert "DESCOPE_E_INTERNAL" in done.stderr
