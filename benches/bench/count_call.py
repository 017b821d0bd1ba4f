"""Counts the instructions, system calls and allocations of one warm call."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# A long loop minus a short one has warm calls only: no startup, no connection, no exit.
SHORT_LOOP, LONG_LOOP = 100, 600


@dataclass(frozen=True)
class CallCounters:
    """The counters of one warm call."""

    instructions: int
    system_calls: dict[str, float]
    allocations: float
    allocated_bytes: int


@dataclass(frozen=True)
class PeerLoop:
    """A peer that makes calls of one scenario in a loop."""

    peer: Path
    scenario: str
    environment: dict[str, str]

    def run(self, calls: int, *prefix: str, **variables: str) -> None:
        """Runs a loop of `calls` calls under the program `prefix`. Fails if a call fails."""
        command = [*prefix, str(self.peer), self.scenario, "loop", str(calls)]
        environment = {**self.environment, **variables}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command}: exit code {done.returncode}: {done.stderr}")


def count_call(loop: PeerLoop, count_alloc: Path) -> CallCounters:
    """Counts one warm call.

    Args:
        loop: The peer and the scenario.
        count_alloc: `count_alloc.so`, the library that counts allocations.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"

        def instructions(calls: int) -> Counter[str]:
            loop.run(calls, "valgrind", "--tool=callgrind", f"--callgrind-out-file={report}")
            totals = re.search(r"^totals: (\d+)$", report.read_text(), re.MULTILINE)
            if totals is None:
                raise RuntimeError("callgrind wrote no totals: check that valgrind works")
            return Counter({"instructions": int(totals[1])})

        def system_calls(calls: int) -> Counter[str]:
            loop.run(calls, "strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", str(report))
            return _parse_strace(report.read_text())

        def allocations(calls: int) -> Counter[str]:
            preloaded = {"LD_PRELOAD": str(count_alloc), "COUNT_ALLOC_FILE": str(report)}
            loop.run(calls, **preloaded)
            number, size = report.read_text().split()
            return Counter({"number": int(number), "bytes": int(size)})

        counted = _per_call(allocations)
        return CallCounters(
            instructions=round(_per_call(instructions)["instructions"]),
            system_calls=_per_call(system_calls),
            allocations=counted.get("number", 0),
            allocated_bytes=round(counted.get("bytes", 0)),
        )


def _per_call(of_loop: Callable[[int], Counter[str]]) -> dict[str, float]:
    """What each call of a loop adds. Counters to which a call adds nothing are left out."""
    short, long = of_loop(SHORT_LOOP), of_loop(LONG_LOOP)
    each = {
        name: round((long[name] - short[name]) / (LONG_LOOP - SHORT_LOOP), 2)
        for name in sorted({*short, *long})
    }
    return {
        name: int(number) if number.is_integer() else number
        for name, number in each.items()
        if number
    }


def _parse_strace(report: str) -> Counter[str]:
    """The rows of `strace -c`, without the header, the separators and the total."""
    rows = re.findall(r"^ *(\d+) (\w+)$", report, re.MULTILINE)
    return Counter({name: int(calls) for calls, name in rows if name != "total"})
