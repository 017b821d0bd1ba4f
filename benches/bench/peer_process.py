"""A running peer that makes calls on command and reports its measurements."""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.peers import Peer

EXIT_TIMEOUT_SECONDS = 5


class PeerError(Exception):
    """A peer failed. The message is the last line that it wrote to stderr."""


class PeerProcess:
    """A peer in the mode `serve`: it waits for commands on its stdin."""

    def __init__(self, peer: Peer, scenario: str, variables: dict[str, str]) -> None:
        """Starts the process.

        Args:
            peer: The peer.
            scenario: The scenario that it runs.
            variables: Its environment, to which the peer's own variables are added.
        """
        self.peer = peer
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115 - `close` closes it
        self.process = subprocess.Popen(
            [*peer.command, scenario, "serve"],
            env={**variables, **peer.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )

    def run(self, threads: int, calls: int) -> dict[str, Any]:
        """Makes `calls` calls on each of `threads` threads; returns what the peer measured."""
        self._start_run(threads, calls)
        measured: dict[str, Any] = json.loads(self._read_line())
        return measured

    def count_threads(self, threads: int, calls: int) -> int:
        """Makes calls like `run`; returns how many threads the process had at most."""
        self._start_run(threads, calls)
        assert self.process.stdout is not None
        counts: list[int] = []
        while not counts or not select.select([self.process.stdout], [], [], 0.001)[0]:
            counts.append(_status(self.process.pid, "Threads"))
        self._read_line()
        return max(counts)

    def _start_run(self, threads: int, calls: int) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"run {threads} {calls}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None

    def wait_until_ready(self) -> None:
        """Waits until the peer can run commands."""
        if self._read_line().strip() != "ready":
            raise self._failure()

    def peak_memory(self) -> int:
        """The process's peak resident memory, in bytes."""
        return _status(self.process.pid, "VmHWM") * 1024

    def close(self) -> None:
        """Ends the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(EXIT_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self._stderr.close()

    def _read_line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise self._failure()
        return line

    def _failure(self) -> PeerError:
        self.process.wait()
        self._stderr.seek(0)
        lines = self._stderr.read().strip().splitlines()
        return PeerError(lines[-1] if lines else f"exit code {self.process.returncode}")


def _status(pid: int, name: str) -> int:
    """A number from /proc/PID/status; sizes are in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
