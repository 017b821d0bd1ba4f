"""`python3 -m bench`: measures, and writes RESULTS.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.counters import Files, count_all
from bench.flat import flat
from bench.growth import growth
from bench.machine import commit, machine
from bench.places import BENCH, RESULTS, library
from bench.processes import startup
from bench.races import event_loop, latency, throughput, validation
from bench.report import report
from bench.round_trips import round_trips


def counters(_: int) -> dict[str, Any]:
    """What repeats exactly, of us and of some peers."""
    found: dict[str, Any] = {}
    for peer, what, figures in count_all(Files(BENCH, library()), ["ours", "curl", "limit"]):
        found.setdefault(peer, {})[what] = figures
    return found


SECTIONS: dict[str, tuple[Callable[[int], Any], int]] = {
    "counters": (counters, 1),
    "latency": (latency, 11),
    "throughput": (throughput, 7),
    "async": (event_loop, 7),
    "validation": (validation, 11),
    "startup": (startup, 31),
    "growth": (growth, 3),
    "flat": (lambda _: flat(), 1),
    "roundTrips": (round_trips, 5),
}


def main() -> None:
    """Measures what is asked for, keeps the rest of what was measured before, and reports."""
    flags = argparse.ArgumentParser(prog="bench", description=__doc__)
    flags.add_argument("--only", help=f"sections, separated by commas: {', '.join(SECTIONS)}")
    flags.add_argument("--quick", action="store_true", help="three rounds of each, to try it out")
    flags.add_argument("--report", action="store_true", help="write the report, measure nothing")
    given = flags.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    names = [] if given.report else (given.only or ",".join(SECTIONS)).split(",")
    if unknown := set(names) - set(SECTIONS):
        sys.exit(f"no such section: {', '.join(sorted(unknown))}")
    for name in names:
        measure, rounds = SECTIONS[name]
        began = time.monotonic()
        rounds = min(rounds, 3) if given.quick else rounds
        results[name] = measure(rounds)
        results.setdefault("runs", {})[name] = {
            "rounds": rounds,
            "date": time.strftime("%Y-%m-%d"),
            "commit": commit(),
        }
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    if names:
        results["machine"] = machine()
    write(RESULTS, json.dumps(results, indent=1) + "\n")
    report(results)


def write(path: Path, text: str) -> None:
    """Replaces a file as a whole."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


if __name__ == "__main__":
    main()
