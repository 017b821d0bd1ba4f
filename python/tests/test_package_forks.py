"""Forks in an event loop during awaited calls: the child works, and the parent's calls finish."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from local_server import LocalServer, Reply

PROGRAM = Path(__file__).parent / "fork_in_loop.py"
CALLS = 10

# A program that runs for longer fails the test.
TIMEOUT_SECONDS = 120


@pytest.mark.parametrize("loop", ["asyncio", "uvloop", "trio", "a loop without add_reader"])
def test_calls_of_the_parent_finish_and_the_child_uses_a_loop_of_its_own(
    loop: str, server: LocalServer
) -> None:
    """The calls have been sent when the program forks, and are answered when the child has ended.

    A call in the loop of the parent gets an error in the child.
    """
    arrived, released, numbers = threading.Event(), threading.Event(), itertools.count(1)

    def answer() -> Reply:
        number = next(numbers)
        if number == CALLS:
            arrived.set()
        if number <= CALLS:
            assert released.wait(TIMEOUT_SECONDS)
        return Reply()

    server.answer = answer
    # From Python 3.12 on, a fork in a program with threads warns.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(PROGRAM), loop, server.url]
    with subprocess.Popen(
        [*command, str(CALLS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        watchdog = threading.Timer(TIMEOUT_SECONDS, program.kill)
        watchdog.start()
        assert arrived.wait(TIMEOUT_SECONDS)
        program.stdin.write("\n")
        program.stdin.flush()
        forked = program.stdout.readline()
        released.set()
        rest, errors = program.communicate()
        watchdog.cancel()
    assert (forked, rest, errors, program.returncode) == ("forked\n", f"{CALLS + 1}\n", "", 0)
    users = defaultdict(set)
    for request in server.received:
        users[request.connection].add(request.body["loginId"].partition(" ")[0].strip(","))
    assert all(len(processes) == 1 for processes in users.values())
    login_ids = [request.body["loginId"] for request in server.received]
    assert sorted(login_ids) == sorted(
        [f"parent {number}" for number in range(CALLS)] + ["child"] * 6 + ["parent, afterwards"]
    )
