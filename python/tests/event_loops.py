"""The event loops that awaited calls are tested with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest
import trio
import uvloop

Main = Callable[[], Coroutine[Any, Any, None]]


def run_in_proactor(main: Main) -> None:
    """Runs a coroutine in a loop that watches no descriptors, as the proactor loop of Windows."""

    class Loop(asyncio.SelectorEventLoop):
        # The loop's own wake-up uses the private methods.
        def add_reader(self, *_: object) -> None:
            raise NotImplementedError

    loop = Loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


LOOPS: dict[str, Callable[[Main], None]] = {
    "asyncio": lambda main: asyncio.run(main()),
    "uvloop": lambda main: uvloop.run(main()),
    "trio": trio.run,
    "anyio on asyncio": lambda main: anyio.run(main, backend="asyncio"),
    "anyio on trio": lambda main: anyio.run(main, backend="trio"),
    "a loop without add_reader": run_in_proactor,
}

each_loop = pytest.mark.parametrize("run", LOOPS.values(), ids=LOOPS)
