"""Starts peers, and has them measure in turn."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from bench.peers import Peer
from bench.server import Server
from bench.task import Session, environment

#: The CPU that client and server share where one thread is measured.
PINNED = {max(os.sched_getaffinity(0))}


class FailedError(Exception):
    """A peer that did not do what it was told; why."""


class Running:
    """A peer that waits for orders."""

    def __init__(self, peer: Peer, scenario: str, given: dict[str, str]) -> None:
        """Starts it."""
        self.peer = peer
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with it
        self.process = subprocess.Popen(
            [*peer.command, scenario, "serve"],
            env={**given, **peer.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )

    def run(self, threads: int, calls: int) -> dict[str, Any]:
        """Has it make calls; what it measured."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"run {threads} {calls}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def wait(self) -> None:
        """Waits until it is ready."""
        if self._line().strip() != "ready":
            raise self._failure()

    def memory(self) -> int:
        """The most memory that it has had, in bytes."""
        return status(self.process.pid, "VmHWM")

    def close(self) -> None:
        """Ends it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self._complaints.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise self._failure()
        return line

    def _failure(self) -> FailedError:
        self.process.wait()
        self._complaints.seek(0)
        said = self._complaints.read().strip().splitlines()
        return FailedError(said[-1] if said else f"ended with {self.process.returncode}")


@contextlib.contextmanager
def on(cpus: Iterable[int]) -> Iterator[None]:
    """What is started within the block runs on these CPUs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(pid: int, cpus: Iterable[int]) -> None:
    """Restricts a process, with all its threads, to some CPUs."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), cpus)


def status(pid: int, name: str) -> int:
    """A size in /proc/PID/status, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@dataclass
class Round:
    """One run of a peer."""

    p50: float
    p99: float
    rate: float
    connections: int


Runs = dict[str, list[Round]]


class Race:
    """Peers side by side over one server, for one scenario."""

    def __init__(
        self,
        server: Server,
        scenario: str,
        peers: list[Peer],
        session: Session,
        cpus: Optional[Iterable[int]] = None,
    ) -> None:
        """Starts the peers; who cannot be started is in `failed`, with the reason.

        Args:
            server: Whom they call.
            scenario: What they do.
            peers: Who they are.
            session: What they work on.
            cpus: Where they and the server are to run; anywhere without. They are started there,
                since some look at their start how many CPUs they have.
        """
        cpus = os.sched_getaffinity(0) if cpus is None else set(cpus)
        pin(server.pid, cpus)
        self._server = server
        self.failed: dict[str, str] = {}
        self.running: dict[str, Running] = {}
        given = environment(server, session)
        for peer in peers:
            if missing := peer.missing():
                self.failed[peer.name] = missing
                continue
            with on(cpus):
                running = Running(peer, scenario, given)
            try:
                running.wait()
                self.running[peer.name] = running
            except FailedError as failure:
                self._drop(peer.name, running, failure)

    def __enter__(self) -> Race:
        """Lets them wait for orders."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends them."""
        for running in self.running.values():
            running.close()

    def rounds(self, number: int, threads: int, calls: int, slow_calls: int) -> Runs:
        """Has each make its calls in every round, in another order each time.

        The first round of each is thrown away, but for the connections that it opened.
        """
        shuffle = random.Random(threads * 1000 + number).shuffle
        found: Runs = {name: [] for name in self.running}
        opened: dict[str, int] = {}
        for turn in range(number + 1):
            names = list(self.running)
            shuffle(names)
            for name in names:
                running = self.running[name]
                share = slow_calls if running.peer.is_slow else calls
                self._server.stats()
                try:
                    answer = running.run(threads, max(1, share))
                except FailedError as failure:
                    self._drop(name, running, failure)
                    found.pop(name)
                    continue
                opened[name] = opened.get(name, 0) + self._server.stats().connections
                rate = answer["calls"] / answer["wallNs"] * 1e9
                if turn:
                    one = Round(answer["p50Ns"], answer["p99Ns"], rate, opened[name])
                    found[name].append(one)
        return found

    def _drop(self, name: str, running: Running, failure: FailedError) -> None:
        self.failed[name] = str(failure)
        self.running.pop(name, None)
        running.close()
