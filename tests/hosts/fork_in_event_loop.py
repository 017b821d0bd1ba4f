"""A host that forks inside its event loop during calls. Each child uses its own event loop.

Prints the exit codes of the children as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal

import workload

_CHILDREN = 20

# A child that runs for longer is killed.
_TIMEOUT_SECONDS = 60


def fork_child() -> int:
    """Forks a child that makes calls; returns its process ID."""
    process = os.fork()
    if process == 0:
        signal.alarm(_TIMEOUT_SECONDS)
        try:
            workload.save_result(workload.run(1))
            os._exit(0)
        finally:
            os._exit(1)
    return process


async def main() -> None:
    """Forks children while calls are running. All calls must finish."""
    calls: list[asyncio.Task[workload.SignInResult]] = []
    children = []
    login_id = f"{os.getpid()}@2.example.com"
    for _ in range(_CHILDREN):
        calls += [asyncio.ensure_future(workload.sign_in(login_id)) for _ in range(4)]
        await asyncio.sleep(0)  # Lets the calls start.
        children.append(fork_child())
    await asyncio.gather(*calls)
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in children]
    print(json.dumps({"codes": codes}))


workload.save_result(workload.run(0))
asyncio.run(main())
