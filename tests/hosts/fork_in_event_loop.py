"""A host that forks inside its event loop during calls. Each child uses its own event loop.

Usage: fork_in_event_loop.py LOOP, which is asyncio or trio. Prints the exit codes of the children,
and the smallest number of calls that were in progress at a fork, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading

import anyio
import anyio.lowlevel

import workload

_CHILDREN = 20
_CALLS_PER_CHILD = 4

# A child that runs for longer is killed.
_TIMEOUT_SECONDS = 60


def make_calls_in_child() -> None:
    """Makes calls in a new event loop.

    It runs in a thread of its own, because the first thread of a child is still in the event loop
    of the parent for trio.
    """
    results = []
    thread = threading.Thread(target=lambda: results.append(workload.run(1)))
    thread.start()
    thread.join()
    (result,) = results
    workload.save_result(result)


def fork_child() -> int:
    """Forks a child that makes calls; returns its process ID."""
    process = os.fork()
    if process == 0:
        signal.alarm(_TIMEOUT_SECONDS)
        try:
            make_calls_in_child()
            os._exit(0)
        finally:
            os._exit(1)
    return process


async def main() -> None:
    """Forks children while calls are running. All calls must finish."""
    children: list[int] = []
    in_progress: list[int] = []
    started = finished = 0
    login_id = f"{os.getpid()}@2.example.com"

    async def call() -> None:
        nonlocal started, finished
        started += 1
        await workload.sign_in(login_id)
        finished += 1

    async with anyio.create_task_group() as calls:
        for _ in range(_CHILDREN):
            for _ in range(_CALLS_PER_CHILD):
                calls.start_soon(call)
            while started < _CALLS_PER_CHILD * (len(children) + 1):
                await anyio.lowlevel.checkpoint()
            in_progress.append(started - finished)
            children.append(fork_child())
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in children]
    print(json.dumps({"codes": codes, "in_progress": min(in_progress)}))


workload.save_result(workload.run(0))
anyio.run(main, backend=sys.argv[1])
