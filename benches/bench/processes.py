"""Whole processes: from their start to the first answer, and the memory that one call takes."""

from __future__ import annotations

import os
import random
import sys
import time
from statistics import median

from bench import peers
from bench.peers import SIGNIN, Peer
from bench.races import Results, stage
from bench.running import PINNED
from bench.task import environment

NAMES = (
    "ours",
    "limit",
    "curl",
    "httplib",
    "reqwest",
    "py-ours",
    "py-official",
    "py-httpx",
    "py-pycurl",
    "node-official",
)
#: A process of each language that does nothing.
EMPTY = {
    "C": ["/bin/true"],
    "C++": ["/bin/true"],
    "Rust": ["/bin/true"],
    "Python": [sys.executable, "-c", "pass"],
    "Node": ["node", "-e", ""],
}


def startup(rounds: int) -> Results:
    """One sign-in over HTTPS per process, in turn, everything on one CPU."""
    found: Results = {"peers": {}, "empty": {}, "failed": {}}
    with stage(True) as (server, session):
        given = environment(server, session)
        commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        for peer in (peers.BY_NAME[name] for name in NAMES):
            if missing := peer.missing():
                found["failed"][peer.name] = missing
                continue
            commands[peer.name] = (_once(peer), {**given, **peer.environment})
        for language, command in EMPTY.items():
            commands[f"empty {language}"] = (command, given)
        os.sched_setaffinity(server.pid, PINNED)
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, PINNED)
        try:
            _race(commands, rounds, found)
        finally:
            os.sched_setaffinity(0, before)
    return found


def _once(peer: Peer) -> list[str]:
    return [*peer.command, SIGNIN, "once"]


def _race(
    commands: dict[str, tuple[list[str], dict[str, str]]], rounds: int, found: Results
) -> None:
    shuffle = random.Random(rounds).shuffle
    for turn in range(rounds + 1):
        names = list(commands)
        shuffle(names)
        for name in names:
            command, given = commands[name]
            began = time.perf_counter_ns()
            pid = os.posix_spawnp(command[0], command, given)
            _, status, usage = os.wait4(pid, 0)
            wall = time.perf_counter_ns() - began
            if status:
                found["failed"][name] = f"ended with {os.waitstatus_to_exitcode(status)}"
                commands.pop(name)
                continue
            if turn:  # The first has to read files that then stay in memory.
                kind, _, language = name.partition(" ")
                group, key = ("empty", language) if kind == "empty" else ("peers", name)
                one = found[group].setdefault(key, {"wall": [], "memory": []})
                one["wall"].append(wall)
                one["memory"].append(usage.ru_maxrss * 1024)


def less_empty(found: Results, name: str) -> float:
    """What a peer's process takes, less an empty one of its language, in ns: the median round."""
    empty = found["empty"][peers.BY_NAME[name].language]["wall"]
    return median(one - none for one, none in zip(found["peers"][name]["wall"], empty))
