"""A host that forks inside its event loop, amid calls; each child works in a loop of its own.

Prints, as JSON, with which code each one ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal

import work

_CHILDREN = 20

# How long a child may live on before it is taken for hung, in seconds.
_PATIENCE = 60


def child() -> int:
    """Forks, and works there."""
    process = os.fork()
    if process == 0:
        signal.alarm(_PATIENCE)
        try:
            work.note(work.perform(1))
            os._exit(0)
        finally:
            os._exit(1)
    return process


async def main() -> None:
    """Forks again and again while calls are under way, which all come to their end."""
    calls: list[asyncio.Task[work.Answer]] = []
    children = []
    login_id = f"{os.getpid()}@2.example.com"
    for _ in range(_CHILDREN):
        calls += [asyncio.ensure_future(work.sign_in(login_id)) for _ in range(4)]
        await asyncio.sleep(0)  # They begin.
        children.append(child())
    await asyncio.gather(*calls)
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in children]
    print(json.dumps({"codes": codes}))


work.note(work.perform(0))
asyncio.run(main())
