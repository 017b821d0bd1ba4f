"""C programs that cancel threads, close standard streams, or close the library's descriptors."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import emulator
from support.programs import CHECKERS, assert_ok, checker, compile_program

PHONE = "+14155550123"


@pytest.mark.plain
@pytest.mark.parametrize("how", CHECKERS)
@pytest.mark.parametrize("cancel_type", ["deferred", "asynchronous"])
def test_a_thread_that_is_cancelled_in_a_call_ends_after_it(
    cancel_type: str, how: str, tmp_path: Path
) -> None:
    """In a blocking call, in one of a queue, and in a wait that another thread ends."""
    program = compile_program("c/cancellation.c", tmp_path)
    assert_ok([*checker(how), program, cancel_type])


@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "https"])
def test_no_descriptor_has_the_number_of_a_closed_standard_stream(
    flags: list[str], tmp_path: Path
) -> None:
    """What the host program prints during a call does not become a part of the request."""
    program = compile_program("c/low_descriptors.c", tmp_path)
    with emulator.run_emulator(*flags) as local:
        local.sign_up(PHONE)
        assert_ok([program, local.config()])


@pytest.mark.parametrize("face", ["blocking", "queue"])
@pytest.mark.parametrize("when", ["idle", "during"])
def test_the_deadline_holds_if_the_host_replaces_descriptors_of_the_library(
    when: str, face: str, tmp_path: Path
) -> None:
    """By a socket, a pipe, an event descriptor and a TCP connection, all of them silent."""
    program = compile_program("c/replaced_descriptors.c", tmp_path)
    assert_ok([program, when, face])
