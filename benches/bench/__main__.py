"""Runs the benchmark and writes RESULTS.md: `make bench`, or `python3 -m bench`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.check_counters import Files, count_all
from bench.dead_address import dead_address
from bench.footprint import footprint
from bench.in_flight import in_flight
from bench.paths import BENCH_BUILD, RESULTS, library
from bench.report import write_report
from bench.round_trips import round_trips
from bench.scaling import scaling
from bench.startup import startup
from bench.system_info import commit, system_info
from bench.warm_calls import event_loop, latency, throughput, validation


def counters(_: int) -> dict[str, Any]:
    """The counters of one warm call, of the library and of two peers."""
    results: dict[str, Any] = {}
    for peer, title, call in count_all(Files(BENCH_BUILD, library()), ["ours", "curl", "limit"]):
        results.setdefault(peer, {})[title] = call
    return results


#: Each section of the results: what measures it, and how many rounds.
SECTIONS: dict[str, tuple[Callable[[int], Any], int]] = {
    "counters": (counters, 1),
    "latency": (latency, 11),
    "throughput": (throughput, 7),
    "async": (event_loop, 7),
    "inFlight": (in_flight, 7),
    "validation": (validation, 11),
    "startup": (startup, 31),
    "deadAddress": (dead_address, 11),
    "growth": (scaling, 3),
    "flat": (lambda _: footprint(), 1),
    "roundTrips": (round_trips, 5),
}


def main() -> None:
    """Measures the requested sections, keeps the earlier results of the others, and reports."""
    flags = argparse.ArgumentParser(prog="bench", description=__doc__)
    flags.add_argument(
        "--only", help=f"measure only these sections, separated by commas: {', '.join(SECTIONS)}"
    )
    flags.add_argument(
        "--quick", action="store_true", help="at most three rounds per section, to try it out"
    )
    flags.add_argument("--report", action="store_true", help="write the report without measuring")
    arguments = flags.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    names = [] if arguments.report else (arguments.only or ",".join(SECTIONS)).split(",")
    if unknown := set(names) - set(SECTIONS):
        sys.exit(f"unknown section: {', '.join(sorted(unknown))}; use {', '.join(SECTIONS)}")
    for name in names:
        measure, rounds = SECTIONS[name]
        start = time.monotonic()
        rounds = min(rounds, 3) if arguments.quick else rounds
        results[name] = measure(rounds)
        results.setdefault("runs", {})[name] = {
            "rounds": rounds,
            "date": time.strftime("%Y-%m-%d"),
            "commit": commit(),
        }
        print(f"{name}: {time.monotonic() - start:.0f} s", flush=True)
    if names:
        results["machine"] = system_info()
    replace_file(RESULTS, json.dumps(results, indent=1) + "\n")
    write_report(results)


def replace_file(path: Path, text: str) -> None:
    """Replaces a file in one step."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


if __name__ == "__main__":
    main()
