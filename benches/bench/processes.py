"""Whole processes: from their start to the first answer, and the memory that one call takes."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import peers
from bench.peers import SIGNIN, Peer
from bench.places import BENCH
from bench.races import Results, stage
from bench.running import PINNED, FailedError, on, pin
from bench.server import Server
from bench.task import environment

NAMES = (
    "ours",
    "limit",
    "curl",
    "httplib",
    "reqwest",
    "nethttp",
    "py-ours",
    "py-ours-S",
    "py-official",
    "py-official-S",
    "py-httpx",
    "py-pycurl",
    "node-official",
)
#: How many processes' median counts in a round, where it is small beside that of an empty one.
REPEATED = {"py-ours": 5, "py-ours-S": 5}


def startup(rounds: int) -> Results:
    """One sign-in over HTTPS per process, in turn, everything on one CPU.

    Right before each comes one that does nothing.
    """
    found: Results = {"peers": {}, "failed": {}}
    with stage(True) as (server, session), tempfile.TemporaryDirectory() as folder:
        server.ca_file = usual_authorities(server, Path(folder))
        pin(server.pid, PINNED)
        with on(PINNED):
            _race(environment(server, session), rounds, found)
    return found


def usual_authorities(server: Server, folder: Path) -> Path:
    """A file with all the authorities that a machine trusts, as in production, and the server's."""
    everyone = folder / "everyone.pem"
    bundle = BENCH / "python" / "certifi" / "cacert.pem"
    assert server.ca_file is not None
    everyone.write_text(bundle.read_text() + server.ca_file.read_text())
    return everyone


def _race(given: Mapping[str, str], rounds: int, found: Results) -> None:
    shuffle = random.Random(rounds).shuffle
    chosen = [peers.BY_NAME[name] for name in NAMES]
    found["failed"] = {peer.name: why for peer in chosen if (why := peer.missing())}
    for turn in range(rounds + 1):
        shuffle(chosen)
        for peer in chosen:
            if peer.name in found["failed"]:
                continue
            try:
                one = _measured(peer, given)
            except FailedError as failure:
                found["failed"][peer.name] = str(failure)
                found["peers"].pop(peer.name, None)
                continue
            if turn:  # The first has to read files that then stay in memory.
                kept = found["peers"].setdefault(peer.name, {name: [] for name in one})
                for name, value in one.items():
                    kept[name].append(value)


def _measured(peer: Peer, given: Mapping[str, str]) -> dict[str, int]:
    """How long its process and an empty one take, in ns, and its peak memory in bytes."""
    # Where Python looks for modules costs it time even when it loads none of them.
    settings = {**given, **peer.environment}
    found = []
    for _ in range(REPEATED.get(peer.name, 1)):
        empty, _ = _spawn(peer.empty, settings)
        wall, memory = _spawn((*peer.command, SIGNIN, "once"), settings)
        found.append((wall - empty, {"wall": wall, "empty": empty, "memory": memory}))
    return sorted(found, key=lambda one: one[0])[len(found) // 2][1]


def _spawn(command: Sequence[str], given: Mapping[str, str]) -> tuple[int, int]:
    """Runs a process to its end: how long it took in ns, and its peak memory in bytes."""
    done = subprocess.run(
        [str(BENCH / "spawn"), *command], env=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise FailedError(said[-1] if said else f"ended with {done.returncode}")
    wall, memory = map(int, done.stdout.split()[-2:])
    return wall, memory


def less_empty(found: Results, name: str) -> list[float]:
    """What a peer's process takes, less the empty one beside it, in ns: of each round."""
    one = found["peers"][name]
    return [float(wall - empty) for wall, empty in zip(one["wall"], one["empty"])]
