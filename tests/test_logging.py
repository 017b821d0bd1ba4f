"""Log callbacks in C programs: of the process and of clients, and what a callback may wait for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import emulator
from support.programs import CHECKERS, assert_ok, checker, compile_program, run

PHONE = "+14155550123"


@pytest.mark.parametrize("how", CHECKERS)
def test_callback_gets_messages_of_its_level_without_secrets(how: str, tmp_path: Path) -> None:
    program = compile_program("c/logging.c", tmp_path)
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        config = json.dumps({"projectId": local.project_id, "baseUrl": local.base_url})
        done = run([*checker(how), program, config])
    assert (done.stderr, done.returncode) == ("", 0)
    *lines, last = done.stdout.splitlines()
    assert last == "ok"
    host = local.base_url.removeprefix("http://")
    assert lines[0] == f"POST {host}/v1/auth/magiclink/signin/sms: attempt 1 of 3"
    assert lines[1].startswith("magiclink/signin/sms: done in ")
    assert any("DESCOPE_E_API: HTTP 400 E062108" in line for line in lines)
    assert not [line for line in lines if PHONE in line or "canary-" in line]


@pytest.mark.parametrize("how", CHECKERS)
def test_each_client_has_its_own_callback(how: str, tmp_path: Path) -> None:
    program = compile_program("c/client_logging.c", tmp_path)
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        local.control("faults", path="/v1/auth/magiclink/signin/email", delay="1h")
        assert_ok([*checker(how), program, local.config()])


@pytest.mark.parametrize("drivers", ["blocking blocking", "blocking queue", "queue queue"])
@pytest.mark.parametrize("operation", ["session/validate", "session/refresh"])
def test_a_callback_may_wait_for_a_call_that_waits_for_its_own_call(
    operation: str, drivers: str, tmp_path: Path
) -> None:
    """Two calls share a request for keys, or a refresh. Its log lines come when it is over."""
    program = compile_program("c/callback_waits.c", tmp_path)
    with emulator.run_emulator() as local:
        local.sign_up(PHONE)
        (message,) = local.messages(PHONE)
        session = local.post("/v1/auth/magiclink/verify", {"token": message["token"]})
        if operation == "session/validate":
            config = local.config()
            request = {"sessionToken": session["sessionJwt"]}
            path = f"/v2/keys/{local.project_id}"
        else:
            keys = emulator.fetch(f"{local.base_url}/v2/keys/{local.project_id}")
            config = local.config(publicKey=json.dumps(keys))
            request = {"refreshToken": session["refreshJwt"]}
            path = "/v1/auth/refresh"
        local.control("faults", path=path, delay="300ms")
        assert_ok([program, config, operation, json.dumps(request), *drivers.split()])


@pytest.mark.parametrize("how", CHECKERS)
def test_a_client_may_be_freed_during_calls(how: str, tmp_path: Path) -> None:
    """What the calls use is kept until the last of them ends, and freed then."""
    assert_ok([*checker(how), compile_program("c/free_during_calls.c", tmp_path)])


@pytest.mark.plain
@pytest.mark.parametrize("how", CHECKERS)
def test_a_client_may_be_freed_when_a_call_has_just_begun(how: str, tmp_path: Path) -> None:
    """The call says so, and the memory of the client is released by the cleanup."""
    assert_ok([*checker(how), compile_program("c/free_at_start.c", tmp_path)])
