"""Whole processes that make one call: the time from start to exit, and the peak memory."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench import peers
from bench.comparison import Results
from bench.cpu_affinity import ONE_CPU, on_cpus, pin
from bench.paths import BENCH_BUILD
from bench.peer_process import PeerError
from bench.peers import SIGNIN, Peer
from bench.server import Server
from bench.workload import environment, server_and_session

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
#: Peers whose own time is short compared with that of an empty process: each of their rounds is
#: the median of so many processes.
PROCESSES_PER_ROUND = {"py-ours": 5, "py-ours-S": 5}


def startup(rounds: int) -> Results:
    """One sign-in over HTTPS per process, in turn, client and server on one CPU."""
    with (
        server_and_session(True) as (server, session),
        tempfile.TemporaryDirectory() as folder,
    ):
        server.ca_file = ca_bundle(server, Path(folder))
        pin(server.pid, ONE_CPU)
        return measure_processes(NAMES, environment(server, session), rounds)


def ca_bundle(server: Server, folder: Path) -> Path:
    """A file with the server's CA certificate and, as in production, all the usual ones."""
    bundle = folder / "ca-bundle.pem"
    usual = BENCH_BUILD / "python" / "certifi" / "cacert.pem"
    assert server.ca_file is not None
    bundle.write_text(usual.read_text() + server.ca_file.read_text())
    return bundle


def measure_processes(
    names: Iterable[str], variables: Mapping[str, str], rounds: int, prefix: Sequence[str] = ()
) -> Results:
    """Processes that make one sign-in, in turn, on one CPU.

    Before each of these processes runs one that does nothing.

    Args:
        names: The names of the peers.
        variables: Their environment.
        rounds: How many processes of each peer.
        prefix: A command that runs each process. Its own time does not count.
    """
    shuffle = random.Random(rounds).shuffle
    chosen = [peers.BY_NAME[name] for name in names]
    results: Results = {
        "peers": {},
        "failed": {peer.name: why for peer in chosen if (why := peer.missing())},
    }
    for turn in range(rounds + 1):
        shuffle(chosen)
        for peer in chosen:
            if peer.name in results["failed"]:
                continue
            try:
                with on_cpus(ONE_CPU):
                    measured = _measure(peer, variables, prefix)
            except PeerError as error:
                results["failed"][peer.name] = str(error)
                results["peers"].pop(peer.name, None)
                continue
            if turn:  # The first round loads the files into the page cache.
                lists = results["peers"].setdefault(peer.name, {name: [] for name in measured})
                for name, value in measured.items():
                    lists[name].append(value)
    return results


def _measure(peer: Peer, variables: Mapping[str, str], prefix: Sequence[str]) -> dict[str, int]:
    """The time of its process and of an empty one, in ns, and its peak memory in bytes."""
    # The empty process gets the same environment: a longer module search path costs Python time,
    # even if it loads nothing from there.
    settings = {**variables, **peer.environment}
    measured = []
    for _ in range(PROCESSES_PER_ROUND.get(peer.name, 1)):
        empty, _ = run_process(peer.empty, settings, prefix)
        wall, memory = run_process((*peer.command, SIGNIN, "once"), settings, prefix)
        measured.append((wall - empty, {"wall": wall, "empty": empty, "memory": memory}))
    return sorted(measured, key=lambda one: one[0])[len(measured) // 2][1]


def run_process(
    command: Sequence[str], variables: Mapping[str, str], prefix: Sequence[str] = ()
) -> tuple[int, int]:
    """Runs a process; returns the time that it took in ns, and its peak memory in bytes."""
    done = subprocess.run(
        [*prefix, str(BENCH_BUILD / "time_process"), *command],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise PeerError(lines[-1] if lines else f"exit code {done.returncode}")
    wall, memory = map(int, done.stdout.split()[-2:])
    return wall, memory


def net_times(results: Results, name: str) -> list[float]:
    """For each round the time of a peer's process minus that of the empty one, in ns."""
    one = results["peers"][name]
    return [float(wall - empty) for wall, empty in zip(one["wall"], one["empty"])]
