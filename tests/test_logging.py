"""Log messages of the library in a C program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import emulator
from support.programs import CHECKERS, checker, compile_program, run

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
