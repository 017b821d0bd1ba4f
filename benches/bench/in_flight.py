"""1,000 sign-ins in flight at the same time, on one thread."""

from __future__ import annotations

import resource
from collections.abc import Iterable

from bench import peers
from bench.comparison import Comparison, Results
from bench.peers import ASYNC
from bench.startup import run_process
from bench.workload import environment, server_and_session

TASKS = 1000
#: The calls of a round, for each task.
CALLS = 20
#: The server has up to 1,000 connections to each peer.
DESCRIPTORS = 4096


def in_flight(rounds: int) -> Results:
    """Peers in C, whose requests all wait at the server at the same time; then coroutines.

    The coroutines have the connections of the default configuration, which are fewer, and the
    server answers them at once.
    """
    _allow_descriptors(DESCRIPTORS)
    return {
        "c": _compare(("ours", "curl"), rounds, group_size=TASKS),
        "python": _compare(("py-ours",), rounds, group_size=0),
    }


def _compare(names: Iterable[str], rounds: int, group_size: int) -> Results:
    """The speed of each peer, its threads, its peak memory, and that of an empty process."""
    chosen = [peers.BY_NAME[name] for name in names]
    with (
        server_and_session(True, event_loop=True) as (server, session),
        Comparison(server, ASYNC, chosen, session) as comparison,
    ):
        server.set_group_size(group_size)
        results = comparison.results(comparison.run_rounds(rounds, TASKS, CALLS, CALLS))
        for name, process in comparison.running.items():
            variables = {**environment(server, session), **process.peer.environment}
            _, empty = run_process(process.peer.empty, variables)
            results["peers"][name] |= {
                "threads": process.count_threads(TASKS, CALLS),
                "memory": process.peak_memory(),
                "emptyMemory": empty,
            }
    return results


def _allow_descriptors(number: int) -> None:
    """Lets this process and those that it starts have so many descriptors, if the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard):
        number = min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
