"""Programs in C and C++ that use and misuse the library, plain and under valgrind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact, tool
from support.programs import compiled, run

PHONE = "+14155550123"
DEFINITE = ["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]
MEMCHECK = ["-q", "--error-exitcode=99", "--leak-check=full", *DEFINITE]


def checker(name: str) -> list[str]:
    """What runs a program: nothing, or valgrind's memcheck."""
    return [tool("valgrind"), *MEMCHECK] if name == "memcheck" else []


def assert_ok(command: list[str]) -> None:
    """The program found nothing wrong and wrote nothing but that."""
    done = run(command)
    assert (done.stderr, done.stdout, done.returncode) == ("", "ok\n", 0)


@pytest.mark.parametrize("how", ["plain", "memcheck"])
@pytest.mark.parametrize("source", ["c/abuse.c", "cpp/wrapper.cpp"])
def test_misuse_is_answered_with_a_status(source: str, how: str, tmp_path: Path) -> None:
    assert_ok([*checker(how), compiled(source, tmp_path)])


def test_a_lack_of_memory_is_answered_with_a_status(tmp_path: Path) -> None:
    assert_ok([compiled("c/memory.c", tmp_path)])


@pytest.mark.parametrize("how", ["plain", "memcheck"])
def test_eight_threads_share_one_client(how: str, tmp_path: Path) -> None:
    program = compiled("c/threads.c", tmp_path)
    with emulator.running() as local:
        local.sign_up(PHONE)
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        assert_ok([*checker(how), program, config])


@pytest.mark.parametrize("how", ["plain", "memcheck"])
def test_many_threads_and_a_child_share_one_fetch_of_keys(how: str, tmp_path: Path) -> None:
    program = compiled("c/sessions.c", tmp_path)
    with emulator.running() as local:
        local.sign_up(PHONE)
        (message,) = local.messages(PHONE)
        session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        assert_ok([*checker(how), program, config, session["sessionJwt"]])
        paths = [request["path"] for request in local.requests()]
        assert paths.count(f"/v2/keys/{local.project_id}") == 1


def test_a_panic_in_a_release_build_comes_back_as_a_status(tmp_path: Path) -> None:
    library = artefact("DESCOPE_ML_PANIC_LIBRARY") / "libdescope_ml.so"
    assert_ok([compiled("c/panic.c", tmp_path, library)])


def test_the_library_as_it_ships_has_no_operation_that_panics(tmp_path: Path) -> None:
    done = run([compiled("c/panic.c", tmp_path)])
    assert done.returncode == 1
    assert "DESCOPE_E_INTERNAL" in done.stderr
