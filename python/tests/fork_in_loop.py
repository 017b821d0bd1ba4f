"""A program that forks in an event loop during calls. The child uses the library, too.

Usage: fork_in_loop.py LOOP URL CALLS, with a loop of `event_loops.LOOPS`.

It forks when it reads a line, so that the calls can be in any state by then. It prints a line when
the child has succeeded, and one with the number of calls that have succeeded.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from functools import partial

import anyio
import pytest

from descope_ml import ArgumentError, DeliveryMethod, DescopeClient, DescopeClientAsync
from event_loops import LOOPS
from local_server import MASKED
from tokens import PROJECT

_LOOP, _URL, _CALLS = sys.argv[1], sys.argv[2], int(sys.argv[3])

# A child that runs for longer is killed.
_TIMEOUT_SECONDS = 60

_logger = logging.getLogger(__name__)

_make_client = partial(DescopeClientAsync, PROJECT, base_url=_URL, max_attempts=1)
_make_blocking_client = partial(DescopeClient, PROJECT, base_url=_URL, max_attempts=1)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _sign_in(client: DescopeClientAsync, who: str) -> None:
    assert await client.magiclink.sign_in(DeliveryMethod.SMS, who) == MASKED


async def _fail_in_loop_of_parent(client: DescopeClientAsync) -> None:
    """The child is still in the coroutine of its parent. A call gets an error that says why."""
    if _LOOP == "trio":
        with pytest.raises(ArgumentError, match="belongs to the parent process") as caught:
            await _sign_in(client, "nobody")
        assert caught.value.outcome == "not_sent"
    else:
        with pytest.raises(RuntimeError, match="no running event loop"):
            await _sign_in(client, "nobody")


def _run_new_loop(client: DescopeClientAsync) -> None:
    """Makes calls in a loop of the child, with the inherited client and with a new one."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for one in (client, _make_client()):
                for _ in range(2):
                    group.start_soon(_sign_in, one, "child")

    # For trio, the first thread is still in the loop of the parent.
    if _LOOP == "trio":
        failures: list[BaseException] = []
        threading.excepthook = lambda failure: failures.append(failure.exc_value or SystemExit())
        thread = threading.Thread(target=LOOPS[_LOOP], args=(main,))
        thread.start()
        thread.join()
        assert failures == []
    else:
        LOOPS[_LOOP](main)


async def _run_child(client: DescopeClientAsync, blocking_client: DescopeClient) -> None:
    await _fail_in_loop_of_parent(client)
    for one in (blocking_client, _make_blocking_client()):
        assert one.magiclink.sign_in(DeliveryMethod.SMS, "child") == MASKED
    _run_new_loop(client)


async def _fork_child(client: DescopeClientAsync, blocking_client: DescopeClient) -> int:
    """Forks a child that makes calls; returns its exit code."""
    process = os.fork()
    if process == 0:
        signal.alarm(_TIMEOUT_SECONDS)
        try:
            await _run_child(client, blocking_client)
            os._exit(0)
        except BaseException:
            _logger.exception("the child failed")
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


async def _main() -> None:
    client, blocking_client = _make_client(), _make_blocking_client()
    finished: list[str] = []

    async def call(who: str) -> None:
        await _sign_in(client, who)
        finished.append(who)

    async with anyio.create_task_group() as group:
        for number in range(_CALLS):
            group.start_soon(call, f"parent {number}")
        await anyio.wait_readable(sys.stdin)
        sys.stdin.readline()
        assert finished == []
        assert await _fork_child(client, blocking_client) == 0
        _print("forked")
    await call("parent, afterwards")
    _print(str(len(finished)))


LOOPS[_LOOP](_main)
