"""A host on `multiprocessing`: makes and uses its clients, then starts processes that use them too.

The argument is how processes are started. Prints, as JSON, with which code each one ended.
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

import work

_PROCESSES = 4
_THREADS = 4
_TURNS = 3

Results = list[dict[str, Any]]


def work_in_threads() -> Results:
    """What this process does, several threads at once."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(work.perform, range(_THREADS * _TURNS)))


def child(done: "SimpleQueue[Results]", leave: "Connection[Any, Any]") -> None:
    """Works, says what came of it, and leaves when it is told to; or at once where it failed."""
    results: Results = []
    try:
        results = work_in_threads()
    finally:
        done.put(results)
    leave.recv()


def main() -> None:
    """Works before, while and after its children do; ends half of them by a signal."""
    context: Any = multiprocessing.get_context(sys.argv[1])
    work.note(work.perform(0))
    done = context.SimpleQueue()
    pipes = [context.Pipe() for _ in range(_PROCESSES)]
    with ThreadPoolExecutor(1) as aside:
        calls = aside.submit(work_in_threads)  # The children are started amid these calls.
        children = [context.Process(target=child, args=(done, theirs)) for _, theirs in pipes]
        for process in children:
            process.start()
        for result in chain.from_iterable([*(done.get() for _ in children), calls.result()]):
            work.note(result)
    for number, process in enumerate(children):
        if number % 2:
            process.terminate()
        else:
            pipes[number][0].send("leave")
        process.join()
    work.note(work.perform(1))
    print(json.dumps({"codes": [process.exitcode for process in children]}))


if __name__ == "__main__":
    main()
