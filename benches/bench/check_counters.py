"""Counts what a warm call costs and compares that with the committed counters: `make counters`."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from bench.count_call import CallCounters, PeerLoop, count_call
from bench.server import running_server
from bench.workload import environment, make_session

# The largest relative difference from the committed counter that passes, up or down.
TOLERANCE = 0.03

# How many times the instructions of a call through C a call through the types of C++ may cost.
TYPED_LIMIT = 1.15

ADVICE = (
    "If a counter got worse, find the cause and fix it. If it got better, or the change is worth"
    " the cost, run `make counters-update` and commit benches/counters.json with the change."
)

# The counters of a call by name: a number each, or for system calls a number by system call.
Counters = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """The files that counting needs.

    Attributes:
        build: The folder with the built peers.
        library: libdescope_ml.so.
    """

    build: Path
    library: Path

    def peer(self, name: str) -> Path:
        """The program of a peer."""
        return self.build / name


def to_json(call: CallCounters) -> Counters:
    """The counters of a call as counters.json has them."""
    return {
        "instructions": call.instructions,
        "systemCalls": call.system_calls,
        "allocations": call.allocations,
        "allocatedBytes": call.allocated_bytes,
    }


def count_all(files: Files, names: list[str]) -> Iterator[tuple[str, str, Counters]]:
    """Counts the calls of peers, one scenario after the other.

    Args:
        files: The programs.
        names: The peers. The token validation is counted for `ours` and `typed` only.

    Yields:
        The peer, the title of the call, such as `signin https edge`, and its counters.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = make_session(folder)
        for kind in ("http", "https", "http edge", "https edge"):
            server = files.peer("descope-ml-bench-server")
            tls, edge = "https" in kind, "edge" in kind
            with running_server(server, folder, tls=tls, keys=session.keys, edge=edge) as running:
                variables = environment(running, session)
                loops = [
                    (peer, f"signin {kind}", PeerLoop(files.peer(peer), "signin", variables))
                    for peer in names
                    # The hand-written client does not read chunked responses.
                    if not (edge and peer == "limit")
                    # Nor do the types of C++ differ by connection.
                    and not (kind != "http" and peer == "typed")
                ]
                if kind == "http":
                    for tokens, title in (("0", "validate"), ("4096", "validate seen token")):
                        remembering = {**variables, "BENCH_VERIFIED_TOKENS": tokens}
                        for peer in ("ours", "typed"):
                            loop = PeerLoop(files.peer(peer), "validate", remembering)
                            loops.append((peer, title, loop))
                for peer, title, loop in loops:
                    yield peer, title, to_json(count_call(loop, files.peer("count_alloc.so")))


def differences(committed: Mapping[str, Any], counted: Mapping[str, Any]) -> list[str]:
    """The counters that differ by more than the tolerance, one sentence each.

    Args:
        committed: The committed counters of each call, by its title.
        counted: The same, as counted now.
    """
    found = []
    for title in sorted({*committed, *counted}):
        before, after = committed.get(title, {}), counted.get(title, {})
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            change = _change(old, new)
            if change is not None:
                found.append(f"{title}: {name} was {_format(old)} and is {_format(new)}{change}")
    return found


def too_expensive(counted: Mapping[str, Any]) -> list[str]:
    """The calls whose types in C++ cost more than `TYPED_LIMIT`, one sentence each."""
    found = []
    for title, call in counted.items():
        typed = counted.get(f"{title} c++")
        if typed is not None and typed["instructions"] > TYPED_LIMIT * call["instructions"]:
            instructions, of_c = _format(typed["instructions"]), _format(call["instructions"])
            found.append(f"{title}: {instructions} instructions in C++, {of_c} in C")
    return found


def _change(old: Any, new: Any) -> Optional[str]:
    """The change as a text, empty if it has no percentage; None if it is within the tolerance."""
    if not isinstance(old, (int, float)) or not isinstance(new, (int, float)):
        # System calls must not change at all. Or only one side has the counter.
        return None if old == new else ""
    if abs(new - old) <= TOLERANCE * old:
        return None
    return f" ({(new - old) / old:+.1%})" if old else ""


def _format(counter: Any) -> str:
    if isinstance(counter, dict):
        return ", ".join(f"{name} {number:g}" for name, number in counter.items()) or "none"
    return "missing" if counter is None else f"{counter:,}"


def toolchain() -> dict[str, str]:
    """What the counters depend on besides the source code."""
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    return {
        "rustc": version.stdout.strip(),
        "libc": " ".join(platform.libc_ver()),
        "machine": platform.machine(),
    }


def main() -> int:
    """Counts, then compares or writes. The exit code is 1 if a counter differs."""
    flags = argparse.ArgumentParser(prog="bench.check_counters", description=__doc__)
    flags.add_argument("--build", type=Path, required=True, help="the folder with the built peers")
    flags.add_argument("--library", type=Path, required=True, help="libdescope_ml.so")
    flags.add_argument("--counters", type=Path, required=True, help="the committed counters")
    flags.add_argument(
        "--update", action="store_true", help="write the counters without comparing them"
    )
    flags.add_argument("--peers", action="store_true", help="also count and print other peers")
    arguments = flags.parse_args()
    files = Files(arguments.build, arguments.library)

    counted: dict[str, Counters] = {"library": {"bytes": files.library.stat().st_size}}
    print(f"library: bytes {counted['library']['bytes']:,}")
    names = ["ours", "typed", *(["curl", "limit"] * arguments.peers)]
    for peer, title, call in count_all(files, names):
        text = "; ".join(f"{name} {_format(counter)}" for name, counter in call.items())
        print(f"{peer}, {title}: {text}", flush=True)
        if peer == "ours":
            counted[title] = call
        elif peer == "typed":
            counted[f"{title} c++"] = call
    if arguments.update:
        document = {"madeWith": toolchain(), "counters": counted}
        arguments.counters.write_text(json.dumps(document, indent=2) + "\n")
        return 0

    committed = json.loads(arguments.counters.read_text())
    found = [*differences(committed["counters"], counted), *too_expensive(counted)]
    if not found:
        return 0
    print(f"\nThese counters differ from {arguments.counters}:", file=sys.stderr)
    for difference in found:
        print(f"  {difference}", file=sys.stderr)
    if committed["madeWith"] != toolchain():
        print(f"The committed counters were made with {committed['madeWith']},", file=sys.stderr)
        print(f"and these with {toolchain()}.", file=sys.stderr)
    print(ADVICE, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
