"""What every peer in Python shares: modes, threads, latencies. benches/README.md has the contract.

What only the mode `serve` needs is imported there: from process start to the first answer nothing
but the library itself may cost time.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any, Callable, Optional

    Call = Callable[[], Any]

URL = os.environ["BENCH_URL"]
PROJECT = os.environ["BENCH_PROJECT"]
LOGIN_ID = os.environ["BENCH_LOGIN_ID"]
REDIRECT_URL = os.environ["BENCH_REDIRECT_URL"]
MASKED_PHONE = os.environ["BENCH_MASKED_PHONE"]
TOKEN = os.environ.get("BENCH_TOKEN", "")
USER = os.environ.get("BENCH_USER", "")
CA = os.environ.get("BENCH_CA")


def check(found: object, expected: str) -> None:
    """Ends the process when an answer is wrong."""
    if found != expected:
        sys.exit(f"wrong answer: {found!r}, not {expected!r}")


def main(**scenarios: Callable[[], Any]) -> None:
    """Does what the command line says.

    Args:
        scenarios: For each scenario what a thread calls once, and gets what makes one call; for
            `signin_async` a coroutine function that gets a coroutine function.
    """
    scenario, mode = sys.argv[1].replace("-", "_"), sys.argv[2]
    is_async = scenario.endswith("_async")
    if mode == "serve":
        _serve(scenarios[scenario], is_async)
        return
    count = 1 if mode == "once" else int(sys.argv[3])
    if is_async:
        import asyncio

        asyncio.run(_one_after_the_other(scenarios[scenario], count))
        return
    call = scenarios[scenario]()
    for _ in range(count):
        call()


async def _one_after_the_other(open_client: Callable[[], Awaitable[Any]], count: int) -> None:
    call = await open_client()
    for _ in range(count):
        await call()


def _serve(open_client: Callable[[], Any], is_async: bool) -> None:
    import asyncio

    runner = _Tasks(open_client) if is_async else _Threads(open_client)
    loop = asyncio.new_event_loop() if is_async else None
    print("ready", flush=True)
    for line in sys.stdin:
        _, threads, calls = line.split()
        answer = runner.run(int(threads), int(calls))
        print(loop.run_until_complete(answer) if loop else answer, flush=True)


def _told(latencies: list[int], wall: int) -> str:
    import json

    latencies.sort()
    count = len(latencies)
    return json.dumps(
        {
            "calls": count,
            "wallNs": wall,
            "p50Ns": latencies[count // 2],
            "p99Ns": latencies[min(count - 1, count * 99 // 100)],
        }
    )


class _Threads:
    """Threads that stay from one run to the next, with what the library keeps for each."""

    def __init__(self, open_client: Callable[[], Call]) -> None:
        self._open = open_client
        self._orders: list[Any] = []
        self._answers: Any = None

    def run(self, threads: int, calls: int) -> str:
        from queue import SimpleQueue
        from threading import Barrier, Thread
        from time import perf_counter_ns

        self._answers = self._answers or SimpleQueue()
        while len(self._orders) < threads:
            orders: Any = SimpleQueue()
            self._orders.append(orders)
            Thread(target=self._work, args=(orders,), daemon=True).start()
        start = Barrier(threads + 1)
        for orders in self._orders[:threads]:
            orders.put((start, calls))
        start.wait()
        began = perf_counter_ns()
        latencies: list[int] = []
        for _ in range(threads):
            found: Optional[list[int]] = self._answers.get()
            if found is None:
                sys.exit(1)
            latencies += found
        return _told(latencies, perf_counter_ns() - began)

    def _work(self, orders: Any) -> None:
        from time import perf_counter_ns

        try:
            call = self._open()
            while True:
                start, calls = orders.get()
                start.wait()
                latencies = []
                for _ in range(calls):
                    before = perf_counter_ns()
                    call()
                    latencies.append(perf_counter_ns() - before)
                self._answers.put(latencies)
        except BaseException:
            import traceback

            traceback.print_exc()
            self._answers.put(None)


class _Tasks:
    """Tasks on one event loop, over one client."""

    def __init__(self, open_client: Callable[[], Awaitable[Any]]) -> None:
        self._open = open_client
        self._call: Any = None

    async def run(self, tasks: int, calls: int) -> str:
        import asyncio
        from time import perf_counter_ns

        if self._call is None:
            self._call = await self._open()
        call, latencies = self._call, []

        async def work() -> None:
            for _ in range(calls):
                before = perf_counter_ns()
                await call()
                latencies.append(perf_counter_ns() - before)

        began = perf_counter_ns()
        await asyncio.gather(*(work() for _ in range(tasks)))
        return _told(latencies, perf_counter_ns() - began)
