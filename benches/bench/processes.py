"""Whole processes: from their start to the first answer, and the memory that one call takes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import peers
from bench.peers import SIGNIN, Peer
from bench.places import BENCH, BENCHES
from bench.races import Results, stage
from bench.running import PINNED
from bench.task import environment

NAMES = (
    "ours",
    "limit",
    "curl",
    "httplib",
    "reqwest",
    "nethttp",
    "py-ours",
    "py-official",
    "py-httpx",
    "py-pycurl",
    "node-official",
)
#: A process of each language that does nothing; in Python, with what all peers there have loaded.
EMPTY = {
    "C": ["/bin/true"],
    "C++": ["/bin/true"],
    "Rust": ["/bin/true"],
    "Go": ["/bin/true"],
    "Python": [sys.executable, str(BENCHES / "peers" / "python" / "empty.py")],
    "Node": ["node", "-e", ""],
}


def startup(rounds: int) -> Results:
    """One sign-in over HTTPS per process, in turn, everything on one CPU."""
    found: Results = {"peers": {}, "empty": {}, "failed": {}}
    with stage(True) as (server, session), tempfile.TemporaryDirectory() as folder:
        # With all the authorities that a machine trusts, as in production.
        everyone = Path(folder) / "everyone.pem"
        bundle = BENCH / "python" / "certifi" / "cacert.pem"
        assert server.ca_file is not None
        everyone.write_text(bundle.read_text() + server.ca_file.read_text())
        server.ca_file = everyone
        given = environment(server, session)
        commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        chosen = [peers.BY_NAME[name] for name in NAMES]
        for peer in chosen:
            if missing := peer.missing():
                found["failed"][peer.name] = missing
                continue
            commands[peer.name] = (_once(peer), {**given, **peer.environment})
        # Where Python looks for modules costs it time even when it loads none of them.
        languages = {peer.language: peer.environment for peer in chosen}
        for language, command in EMPTY.items():
            commands[f"empty {language}"] = (command, {**given, **languages[language]})
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
            done = subprocess.run(
                [str(BENCH / "spawn"), *command],
                env=given,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                found["failed"][name] = f"ended with {done.returncode}: {done.stderr.strip()}"
                commands.pop(name)
                continue
            wall, memory = map(int, done.stdout.split()[-2:])
            if turn:  # The first has to read files that then stay in memory.
                kind, _, language = name.partition(" ")
                group, key = ("empty", language) if kind == "empty" else ("peers", name)
                one = found[group].setdefault(key, {"wall": [], "memory": []})
                one["wall"].append(wall)
                one["memory"].append(memory)


def less_empty(found: Results, name: str) -> float:
    """What a peer's process takes, less an empty one of its language, in ns: the median round."""
    empty = found["empty"][peers.BY_NAME[name].language]["wall"]
    return float(median(one - none for one, none in zip(found["peers"][name]["wall"], empty)))
