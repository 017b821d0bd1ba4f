"""The stack that a call needs, as the header states it."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Certificates
from support.programs import ROOT, assert_ok, compile_program, run
from support.real_proxies import run_proxies
from support.recording_server import RecordingServer, run_server
from support.tokens import token_placeholders

PTHREAD_STACK_MIN = 16 * 1024


def stated_bytes() -> int:
    """Returns the size that include/descope_ml.h names."""
    text = (ROOT / "include" / "descope_ml.h").read_text()
    (kibibytes,) = re.findall(r"needs up to (\d+) KiB of stack", text)
    return int(kibibytes) * 1024


def calls(tokens: dict[str, str]) -> list[str]:
    """Returns operations and requests: a sign-in, and a validation with each algorithm."""
    found = ["magiclink/signin/sms", json.dumps({"loginId": "ann"})]
    for name in sorted(tokens):
        if name == "SESSION" or name.startswith("SESSION_"):
            found += ["session/validate", json.dumps({"sessionToken": tokens[name]})]
    return found


def arguments(server: RecordingServer, certificates: Certificates, **more: Any) -> list[str]:
    """Returns the arguments of tests/c/small_stack.c after the size; all calls succeed."""
    tokens = token_placeholders()
    server.script = [{"json": {"maskedPhone": "+1********23", **json.loads(tokens["KEYS"])}}]
    ca_file = str(certificates.ca_file)
    config = {"projectId": "P2test", "baseUrl": server.url, "caFile": ca_file, **more}
    return [json.dumps(config), *calls(tokens)]


@pytest.mark.parametrize("kind", ["good", "old", "chain"], ids=["tls-1.3", "tls-1.2", "chain"])
def test_calls_need_no_more_stack_than_the_header_says(
    kind: str, tmp_path: Path, certificates: Certificates
) -> None:
    """A chain has two intermediate certificates. Each is verified in a deeper call."""
    program = compile_program("c/small_stack.c", tmp_path)
    with run_server(certificates.server_context(kind)) as server:
        assert_ok([program, str(stated_bytes()), *arguments(server, certificates)])


def test_calls_over_http_need_no_more_stack(tmp_path: Path, certificates: Certificates) -> None:
    program = compile_program("c/small_stack.c", tmp_path)
    with run_server() as server:
        assert_ok([program, str(stated_bytes()), *arguments(server, certificates)])


def test_calls_through_a_proxy_with_tls_need_no_more_stack(
    tmp_path: Path, certificates: Certificates
) -> None:
    """TLS within TLS is the deepest that a call goes."""
    program = compile_program("c/small_stack.c", tmp_path)
    with (
        run_server(certificates.server_context("good")) as server,
        run_proxies(certificates, tmp_path, []) as proxies,
    ):
        proxy = f"https://{proxies['HTTPS']}"
        assert_ok([program, str(stated_bytes()), *arguments(server, certificates, proxy=proxy)])


def test_smallest_stack_of_posix_is_too_small(tmp_path: Path, certificates: Certificates) -> None:
    """As the header warns. The guard page ends the program, and no memory is overwritten."""
    program = compile_program("c/small_stack.c", tmp_path)
    with run_server(certificates.server_context("good")) as server:
        done = run([program, str(PTHREAD_STACK_MIN), *arguments(server, certificates)])
        assert done.returncode == -signal.SIGSEGV
