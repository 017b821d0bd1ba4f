"""Rounds in which several peers take turns against one server."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

from bench.cpu_affinity import on_cpus, pin
from bench.peer_process import PeerError, PeerProcess
from bench.peers import Peer
from bench.server import Server
from bench.workload import Session, environment

Results = dict[str, Any]


@dataclass
class Round:
    """The measurements of one peer in one round: latencies in ns, calls per second."""

    p50: float
    p99: float
    rate: float
    connections: int


#: The rounds of each peer, by its name.
Rounds = dict[str, list[Round]]


class Comparison:
    """Several peers that run one scenario against one server."""

    def __init__(
        self,
        server: Server,
        scenario: str,
        peers: list[Peer],
        session: Session,
        cpus: Optional[Iterable[int]] = None,
    ) -> None:
        """Starts the peers. `failed` has each peer that could not be started, with the reason.

        Args:
            server: The server that they call.
            scenario: The scenario that they run.
            peers: The peers to compare.
            session: The session token and the key set.
            cpus: The CPUs for the peers and the server; all without. The peers are started on
                them, because some read the number of CPUs when they start.
        """
        cpus = os.sched_getaffinity(0) if cpus is None else set(cpus)
        pin(server.pid, cpus)
        self._server = server
        self.failed: dict[str, str] = {}
        self.running: dict[str, PeerProcess] = {}
        variables = environment(server, session)
        for peer in peers:
            if missing := peer.missing():
                self.failed[peer.name] = missing
                continue
            with on_cpus(cpus):
                process = PeerProcess(peer, scenario, variables)
            try:
                process.wait_until_ready()
                self.running[peer.name] = process
            except PeerError as error:
                self._drop(peer.name, process, error)

    def __enter__(self) -> Comparison:
        """The peers run until the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the peers."""
        for process in self.running.values():
            process.close()

    def run_rounds(self, number: int, threads: int, calls: int, slow_calls: int) -> Rounds:
        """Each peer makes its calls once per round, in a different order each time.

        There is one more round, the first, whose times are discarded. The connections that it
        opened are counted.

        Args:
            number: How many rounds.
            threads: The threads of each peer.
            calls: The calls of each thread in one round.
            slow_calls: The same for peers whose calls take milliseconds.
        """
        shuffle = random.Random(threads * 1000 + number).shuffle
        rounds: Rounds = {name: [] for name in self.running}
        connections: dict[str, int] = {}
        for turn in range(number + 1):
            names = list(self.running)
            shuffle(names)
            for name in names:
                process = self.running[name]
                share = slow_calls if process.peer.is_slow else calls
                self._server.stats()
                try:
                    measured = process.run(threads, max(1, share))
                except PeerError as error:
                    self._drop(name, process, error)
                    rounds.pop(name)
                    continue
                opened = self._server.stats().connections
                connections[name] = connections.get(name, 0) + opened
                rate = measured["calls"] / measured["wallNs"] * 1e9
                if turn:
                    p50, p99 = measured["p50Ns"], measured["p99Ns"]
                    rounds[name].append(Round(p50, p99, rate, connections[name]))
        return rounds

    def results(self, rounds: Rounds) -> Results:
        """Rounds as results.json has them, in nanoseconds and calls per second."""
        by_peer = {
            name: {
                "p50": [one.p50 for one in found],
                "p99": [one.p99 for one in found],
                "rate": [one.rate for one in found],
                "connections": found[-1].connections,
            }
            for name, found in rounds.items()
            if found
        }
        return {"peers": by_peer, "failed": self.failed}

    def _drop(self, name: str, process: PeerProcess, error: PeerError) -> None:
        self.failed[name] = str(error)
        self.running.pop(name, None)
        process.close()
