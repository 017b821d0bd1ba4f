"""Runs the modes of the Python peers and measures latencies. benches/README.md has the contract.

Modules that only the mode `serve` needs are imported in functions. They must not add to the time of
a process that makes one call. `typing` is not imported at all: its time would count as part of the
empty process, although a library that imports it has to pay for it.
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
    """Exits with a message if a response is wrong."""
    if found != expected:
        sys.exit(f"wrong response: {found!r} instead of {expected!r}")


def main(**scenarios: Callable[[], Any]) -> None:
    """Runs the scenario and mode of the command line.

    Args:
        scenarios: For each scenario a function that each thread calls once, and that returns the
            function for one call. For `signin_async` both are coroutine functions.
    """
    scenario, mode = sys.argv[1].replace("-", "_"), sys.argv[2]
    is_async = scenario.endswith("_async")
    if mode == "serve":
        _serve(scenarios[scenario], is_async)
        return
    count = 1 if mode == "once" else int(sys.argv[3])
    if is_async:
        import asyncio

        asyncio.run(_run_in_sequence(scenarios[scenario], count))
        return
    call = scenarios[scenario]()
    for _ in range(count):
        call()


async def _run_in_sequence(open_client: Callable[[], Awaitable[Any]], count: int) -> None:
    call = await open_client()
    for _ in range(count):
        await call()


def _serve(open_client: Callable[[], Any], is_async: bool) -> None:
    import asyncio

    runner = _TaskRunner(open_client) if is_async else _ThreadRunner(open_client)
    loop = asyncio.new_event_loop() if is_async else None
    print("ready", flush=True)
    for line in sys.stdin:
        _, threads, calls = line.split()
        result = runner.run(int(threads), int(calls))
        print(loop.run_until_complete(result) if loop else result, flush=True)


def _result_line(latencies: list[int], wall: int) -> str:
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


class _ThreadRunner:
    """Makes calls on threads that live until the process exits. Each calls `open_client` once."""

    def __init__(self, open_client: Callable[[], Call]) -> None:
        self._open = open_client
        self._queues: list[Any] = []
        self._results: Any = None

    def run(self, threads: int, calls: int) -> str:
        from queue import SimpleQueue
        from threading import Barrier, Thread
        from time import perf_counter_ns

        self._results = self._results or SimpleQueue()
        while len(self._queues) < threads:
            queue: Any = SimpleQueue()
            self._queues.append(queue)
            Thread(target=self._work, args=(queue,), daemon=True).start()
        start = Barrier(threads + 1)
        for queue in self._queues[:threads]:
            queue.put((start, calls))
        start.wait()
        started = perf_counter_ns()
        latencies: list[int] = []
        for _ in range(threads):
            found: Optional[list[int]] = self._results.get()
            if found is None:
                sys.exit(1)
            latencies += found
        return _result_line(latencies, perf_counter_ns() - started)

    def _work(self, queue: Any) -> None:
        from time import perf_counter_ns

        try:
            call = self._open()
            while True:
                start, calls = queue.get()
                start.wait()
                latencies = []
                for _ in range(calls):
                    before = perf_counter_ns()
                    call()
                    latencies.append(perf_counter_ns() - before)
                self._results.put(latencies)
        except BaseException:
            import traceback

            traceback.print_exc()
            self._results.put(None)


class _TaskRunner:
    """Makes calls in tasks on one event loop, with one client."""

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

        started = perf_counter_ns()
        await asyncio.gather(*(work() for _ in range(tasks)))
        return _result_line(latencies, perf_counter_ns() - started)
