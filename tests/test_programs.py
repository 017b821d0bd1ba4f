"""C and C++ programs with valid and invalid use of the library, with and without valgrind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import emulator
from support.artefacts import artefact
from support.programs import (
    CHECKERS,
    ROOT,
    assert_ok,
    checker,
    compile_program,
    run,
)
from support.recording_server import run_server

PHONE = "+14155550123"


@pytest.mark.parametrize("how", CHECKERS)
@pytest.mark.parametrize("source", ["c/invalid_arguments.c", "cpp/wrapper.cpp"])
def test_invalid_arguments_return_an_error_status(source: str, how: str, tmp_path: Path) -> None:
    assert_ok([*checker(how), compile_program(source, tmp_path)])


@pytest.mark.parametrize("how", CHECKERS)
def test_eight_threads_share_one_client(how: str, tmp_path: Path) -> None:
    program = compile_program("c/shared_client.c", tmp_path)
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        assert_ok([*checker(how), program, config])


@pytest.mark.plain
@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_threads_and_clients_leak_no_memory(flags: list[str], tmp_path: Path) -> None:
    """With a shared client and with new clients, with sessions and DNS lookups."""
    program = compile_program("c/thread_isolation.c", tmp_path)
    with emulator.run_emulator(*flags) as local:
        # Without TLS, memcheck has to do without suppressions.
        suppressions = f"--suppressions={ROOT / 'packaging' / 'valgrind.supp'}"
        memcheck = [*checker("memcheck"), *([suppressions] if flags else [])]
        assert_ok([*memcheck, program, local.config(), local.config("localhost"), "8", "2"])


@pytest.mark.parametrize("how", CHECKERS)
def test_concurrent_validations_fetch_the_public_keys_once(how: str, tmp_path: Path) -> None:
    program = compile_program("c/concurrent_validation.c", tmp_path)
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        (message,) = local.messages(PHONE)
        session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        assert_ok([*checker(how), program, config, session["sessionJwt"]])
        paths = [request["path"] for request in local.requests()]
        assert paths.count(f"/v2/keys/{local.project_id}") == 1


def test_timers_make_the_descriptor_of_a_queue_readable(tmp_path: Path) -> None:
    program = compile_program("c/queue_timers.c", tmp_path)
    with run_server() as server:
        server.script = [{}, {"instead": "silence"}]
        assert_ok([program, json.dumps({"projectId": "P2test", "baseUrl": server.url})])
        assert (len(server.received), server.connections) == (2, 1)


@pytest.mark.parametrize("how", CHECKERS)
def test_cpp_queue_runs_callbacks_and_futures(how: str, tmp_path: Path) -> None:
    program = compile_program("cpp/queue.cpp", tmp_path)
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        # These calls stay in progress until the program ends them.
        local.control("faults", path="/v1/auth/magiclink/signin/email", delay="1h")
        assert_ok([*checker(how), program, local.config()])


@pytest.mark.plain
def test_panic_in_release_build_returns_an_error_status(tmp_path: Path) -> None:
    library = artefact("DESCOPE_ML_PANIC_LIBRARY") / "libdescope_ml.so"
    assert_ok([compile_program("c/panic.c", tmp_path, library)])


@pytest.mark.plain
def test_a_system_without_random_numbers_is_reported_as_such(tmp_path: Path) -> None:
    program = compile_program("c/no_random_numbers.c", tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    config = {"projectId": "P2test", "baseUrl": "http://127.0.0.1:9"}
    assert_ok([program, str(empty), json.dumps(config)])


@pytest.mark.plain
def test_shipped_library_has_no_panic_operation(tmp_path: Path) -> None:
    done = run([compile_program("c/panic.c", tmp_path)])
    assert done.returncode == 1
    assert "DESCOPE_E_INTERNAL" in done.stderr
