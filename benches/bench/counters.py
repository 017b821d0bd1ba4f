"""Counts the library's warm calls and holds them to the committed counters: `make counters`."""

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

from bench.counting import Call, Subject, count
from bench.server import serving
from bench.task import environment, make_session

# How far a figure may be from the committed one, either way.
TOLERANCE = 0.03

ACCEPT = (
    "What got worse is to be found out and undone; what got better, or is worth its price, is"
    " accepted by `make counters-bless`, committed with the change."
)

# A figure's name, and the figure or, of system calls, the figures.
Figures = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """What is counted and what it takes."""

    build: Path
    library: Path

    def peer(self, name: str) -> Path:
        """A peer's program."""
        return self.build / name


def figures_of(call: Call) -> Figures:
    """A call as it is written."""
    return {
        "instructions": call.instructions,
        "systemCalls": call.system_calls,
        "allocations": call.allocations,
        "allocatedBytes": call.allocated_bytes,
    }


def count_all(files: Files, names: list[str]) -> Iterator[tuple[str, str, Figures]]:
    """Counts peers, one scenario after the other.

    Args:
        files: Where the programs are.
        names: The peers; of others than `ours` the sign-in alone.

    Yields:
        The peer, what was counted, such as `signin https edge`, and its figures.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = make_session(folder)
        for kind in ("http", "https", "http edge", "https edge"):
            server = files.peer("descope-ml-bench-server")
            tls, edge = "https" in kind, "edge" in kind
            with serving(server, folder, tls=tls, keys=session.keys, edge=edge) as running:
                given = environment(running, session)
                subjects = [
                    (peer, f"signin {kind}", Subject(files.peer(peer), "signin", given))
                    for peer in names
                    # The hand-written client reads no chunks.
                    if not (edge and peer == "limit")
                ]
                if kind == "http":
                    subject = Subject(files.peer("ours"), "validate", given)
                    subjects.append(("ours", "validate", subject))
                for peer, title, subject in subjects:
                    yield peer, title, figures_of(count(subject, files.peer("count_alloc.so")))


def differences(committed: Mapping[str, Any], counted: Mapping[str, Any]) -> list[str]:
    """What is not as it was, a sentence each.

    Args:
        committed: All figures by what they are of, as they are to be.
        counted: The same, as they are.
    """
    found = []
    for title in sorted({*committed, *counted}):
        before, after = committed.get(title, {}), counted.get(title, {})
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            change = _change(old, new)
            if change is not None:
                found.append(f"{title}: {name} was {_shown(old)} and is {_shown(new)}{change}")
    return found


def _change(old: Any, new: Any) -> Optional[str]:
    """How much that is, where it is too much; None where it is not."""
    if not isinstance(old, (int, float)) or not isinstance(new, (int, float)):
        # System calls, to be the same by name and number; or a figure that only one side has.
        return None if old == new else ""
    if abs(new - old) <= TOLERANCE * old:
        return None
    return f" ({(new - old) / old:+.1%})" if old else ""


def _shown(figure: Any) -> str:
    if isinstance(figure, dict):
        return ", ".join(f"{name} {number:g}" for name, number in figure.items()) or "none"
    return "not there" if figure is None else f"{figure:,}"


def made_with() -> dict[str, str]:
    """What the figures depend on besides the source."""
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    return {
        "rustc": version.stdout.strip(),
        "libc": " ".join(platform.libc_ver()),
        "machine": platform.machine(),
    }


def main() -> int:
    """Counts, and compares or writes; 1 when something is not as it was."""
    flags = argparse.ArgumentParser(prog="bench.counters", description=__doc__)
    flags.add_argument("--build", type=Path, required=True, help="where the peers are")
    flags.add_argument("--library", type=Path, required=True, help="libdescope_ml.so")
    flags.add_argument("--counters", type=Path, required=True, help="the committed counters")
    flags.add_argument("--bless", action="store_true", help="write the counters, compare nothing")
    flags.add_argument("--peers", action="store_true", help="count other peers too, for the eye")
    given = flags.parse_args()
    files = Files(given.build, given.library)

    counted: dict[str, Figures] = {"library": {"bytes": files.library.stat().st_size}}
    print(f"library: bytes {counted['library']['bytes']:,}")
    for peer, title, figures in count_all(files, ["ours", *(["curl", "limit"] * given.peers)]):
        shown = "; ".join(f"{name} {_shown(figure)}" for name, figure in figures.items())
        print(f"{peer}, {title}: {shown}", flush=True)
        if peer == "ours":
            counted[title] = figures
    if given.bless:
        document = {"madeWith": made_with(), "counters": counted}
        given.counters.write_text(json.dumps(document, indent=2) + "\n")
        return 0

    committed = json.loads(given.counters.read_text())
    found = differences(committed["counters"], counted)
    if not found:
        return 0
    print(f"\nThese figures differ from {given.counters}:", file=sys.stderr)
    for difference in found:
        print(f"  {difference}", file=sys.stderr)
    if committed["madeWith"] != made_with():
        print(f"The committed ones were made with {committed['madeWith']}", file=sys.stderr)
        print(f"and these with {made_with()}.", file=sys.stderr)
    print(ACCEPT, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
