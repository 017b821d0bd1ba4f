"""A host with `multiprocessing`: uses its clients, then starts processes that use them as well.

The argument is the start method. Prints the exit codes of the children as JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue
from typing import Any

import workload

_PROCESSES = 4
_THREADS = 4
_RUNS_PER_THREAD = 3

Results = list[dict[str, Any]]


def run_in_threads() -> Results:
    """Makes calls in several threads at the same time."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(workload.run, range(_THREADS * _RUNS_PER_THREAD)))


def child(done: "SimpleQueue[Results]", may_end: "Connection[Any, Any]") -> None:
    """Makes calls, sends the results, and waits for permission to end. Ends at once on failure."""
    results: Results = []
    try:
        results = run_in_threads()
    finally:
        done.put(results)
    may_end.recv()


def main() -> None:
    """Makes calls before, during and after those of the children; ends half of them by signal."""
    context: Any = multiprocessing.get_context(sys.argv[1])
    workload.save_result(workload.run(0))
    done = context.SimpleQueue()
    pipes = [context.Pipe() for _ in range(_PROCESSES)]
    with ThreadPoolExecutor(1) as pool:
        calls = pool.submit(run_in_threads)  # The children start during these calls.
        children = [context.Process(target=child, args=(done, theirs)) for _, theirs in pipes]
        for process in children:
            process.start()
        for result in chain.from_iterable([*(done.get() for _ in children), calls.result()]):
            workload.save_result(result)
    for number, process in enumerate(children):
        if number % 2:
            process.terminate()
        else:
            pipes[number][0].send("end")
        process.join()
    workload.save_result(workload.run(1))
    print(json.dumps({"codes": [process.exitcode for process in children]}))


if __name__ == "__main__":
    main()
