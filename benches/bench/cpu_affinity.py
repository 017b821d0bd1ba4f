"""Restricts processes to certain CPUs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

#: The one CPU that client and server share in single-threaded measurements.
ONE_CPU = {max(os.sched_getaffinity(0))}


@contextlib.contextmanager
def on_cpus(cpus: Iterable[int]) -> Iterator[None]:
    """Processes that are started within the block run on these CPUs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(pid: int, cpus: Iterable[int]) -> None:
    """Restricts a running process, with all its threads, to these CPUs."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), cpus)
