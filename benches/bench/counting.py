"""Counts what repeats exactly: the instructions, system calls and allocations of one warm call."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# The longer loop less the shorter one leaves warm calls alone: no start, no connection, no end.
SHORT, LONG = 100, 600


@dataclass(frozen=True)
class Call:
    """The figures of one warm call."""

    instructions: int
    system_calls: dict[str, float]
    allocations: float
    allocated_bytes: int


@dataclass(frozen=True)
class Subject:
    """What is counted: a peer's scenario, with the environment that it finds."""

    peer: Path
    scenario: str
    environment: dict[str, str]

    def run(self, calls: int, *prefix: str, **variables: str) -> None:
        """Runs a loop of so many calls under another program, in which each call must do."""
        command = [*prefix, str(self.peer), self.scenario, "loop", str(calls)]
        environment = {**self.environment, **variables}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")


def count(subject: Subject, counter_library: Path) -> Call:
    """Counts one warm call.

    Args:
        subject: Whose call.
        counter_library: `count_alloc.so`.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"

        def instructions(calls: int) -> Counter[str]:
            subject.run(calls, "valgrind", "--tool=callgrind", f"--callgrind-out-file={report}")
            totals = re.search(r"^totals: (\d+)$", report.read_text(), re.MULTILINE)
            if totals is None:
                raise RuntimeError("callgrind has written no totals")
            return Counter({"instructions": int(totals[1])})

        def system_calls(calls: int) -> Counter[str]:
            subject.run(calls, "strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", str(report))
            return _of_strace(report.read_text())

        def allocations(calls: int) -> Counter[str]:
            preloaded = {"LD_PRELOAD": str(counter_library), "COUNT_ALLOC_FILE": str(report)}
            subject.run(calls, **preloaded)
            number, size = report.read_text().split()
            return Counter({"number": int(number), "bytes": int(size)})

        counted = _per_call(allocations)
        return Call(
            instructions=round(_per_call(instructions)["instructions"]),
            system_calls=_per_call(system_calls),
            allocations=counted.get("number", 0),
            allocated_bytes=round(counted.get("bytes", 0)),
        )


def _per_call(of_loop: Callable[[int], Counter[str]]) -> dict[str, float]:
    """What each call of a loop adds, without what adds nothing."""
    short, long = of_loop(SHORT), of_loop(LONG)
    each = {
        name: round((long[name] - short[name]) / (LONG - SHORT), 2)
        for name in sorted({*short, *long})
    }
    return {
        name: int(number) if number.is_integer() else number
        for name, number in each.items()
        if number
    }


def _of_strace(report: str) -> Counter[str]:
    """The rows of `strace -c`, without its head, its rules and its last row, the total."""
    rows = re.findall(r"^ *(\d+) (\w+)$", report, re.MULTILINE)
    return Counter({name: int(calls) for calls, name in rows if name != "total"})
