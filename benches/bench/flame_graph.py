"""Profiles a warm call: a flame graph, and the share of each part: `make bench-profile`."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench.cpu_affinity import ONE_CPU, pin
from bench.paths import BENCH_BUILD, BENCHES, SERVER
from bench.server import running_server
from bench.workload import environment, make_session

PROFILE = BENCHES / "profile"
CALLS = 50_000
#: The function in which a call begins. Frames outside it are dropped.
ROOT = "descope_magiclink_signin_sms"

#: The parts, each with the pattern of its frames. A stack belongs to the kernel part that one of
#: its frames matches, otherwise to the part that its innermost matching frame names.
PARTS = (
    ("kernel: switching to the server and back", r"^(__)?schedule$"),
    ("kernel: sending", r"^__x64_sys_sendto$"),
    ("kernel: receiving", r"^__x64_sys_recvfrom$"),
    ("kernel: other", r"^(entry_SYSCALL|asm_)"),
    ("TLS: rustls and ring", r"rustls::|^ring|ring_core|aes_|gcm_"),
    ("HTTP: httparse and ureq's engine", r"httparse|ureq|^<?http::|bytes::"),
    ("JSON: serde", r"serde"),
    ("libdescope_ml", r"descope"),
)
#: The first so many parts are the kernel's.
KERNEL_PARTS = 4

Stack = tuple[str, ...]


def main() -> None:
    """Records calls, and writes the graph and the table."""
    flags = argparse.ArgumentParser(prog="bench.flames", description=__doc__)
    flags.add_argument(
        "--library", type=Path, required=True, help="the folder with a library that has symbols"
    )
    stacks = Counter(_record(flags.parse_args().library))
    if not stacks:
        sys.exit("perf recorded no calls: check that you may use perf on this machine")
    PROFILE.mkdir(exist_ok=True)
    (PROFILE / "signin-https.svg").write_text(_graph(stacks))
    total = sum(stacks.values())
    parts: Counter[str] = Counter()
    for stack, number in stacks.items():
        parts[_part(stack)] += number
    lines = ["| part | share of a warm call |", "| --- | --- |"]
    lines += [f"| {part} | {number / total:.1%} |" for part, number in parts.most_common()]
    (PROFILE / "parts.md").write_text("\n".join([*lines, ""]))
    print("\n".join(lines))


def _record(library: Path) -> Iterator[Stack]:
    """The sampled stacks within calls, outermost frame first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = make_session(folder)
        with running_server(SERVER, folder, tls=True, keys=session.keys) as server:
            pin(server.pid, ONE_CPU)
            os.sched_setaffinity(0, ONE_CPU)
            variables = {**environment(server, session), "LD_LIBRARY_PATH": str(library)}
            data = folder / "perf.data"
            # 32 kB of stack per sample: the default is smaller than some frames.
            record = ["perf", "record", "-q", "-F", "4000", "--call-graph", "dwarf,32768"]
            peer = [str(BENCH_BUILD / "ours"), "signin", "loop", str(CALLS)]
            subprocess.run([*record, "-o", str(data), *peer], env=variables, check=True)
        script = ["perf", "script", "--no-inline", "-i", str(data), "-F", "ip,sym"]
        output = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    for sample in output.split("\n\n"):
        frames = re.findall(r"^\s*[0-9a-f]+ (.*)$", sample, re.MULTILINE)
        if ROOT in frames:
            yield tuple(reversed(frames[: frames.index(ROOT) + 1]))


def _part(stack: Stack) -> str:
    for part, pattern in PARTS[:KERNEL_PARTS]:
        if any(re.search(pattern, frame) for frame in stack):
            return part
    for frame in reversed(stack):
        for part, pattern in PARTS[KERNEL_PARTS:]:
            if re.search(pattern, frame):
                return part
    return "the C library"


_WIDTH, _ROW = 1200, 17
_FILLS = {"k": "#f59e0b", "d": "#3b82f6", "o": "#a3a3a3"}


def _graph(stacks: Counter[Stack]) -> str:
    """The stacks as nested boxes; the width of a box is its share of the samples."""
    total = sum(stacks.values())
    boxes: list[tuple[int, float, float, str]] = []

    def add_boxes(level: int, start: float, group: list[tuple[Stack, int]]) -> None:
        inner: dict[str, list[tuple[Stack, int]]] = {}
        for stack, number in group:
            if len(stack) > level:
                inner.setdefault(stack[level], []).append((stack, number))
        for frame in sorted(inner):
            width = sum(number for _, number in inner[frame]) / total * _WIDTH
            if width >= 1:
                boxes.append((level, start, width, frame))
                add_boxes(level + 1, start, inner[frame])
            start += width

    add_boxes(0, 0.0, list(stacks.items()))
    height = (max(level for level, *_ in boxes) + 1) * _ROW + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}">',
        "<style>text { font: 11px monospace; fill: #111827 }"
        " .t { font: 600 14px sans-serif }</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text class="t" x="8" y="22">A warm sign-in over HTTPS. Amber: kernel, blue: this library,'
        " grey: other libraries. Point at a box to see its name and share.</text>",
    ]
    for level, start, width, frame in boxes:
        y = 32 + level * _ROW
        kind = "d" if "descope" in frame else "k" if _is_kernel(frame) else "o"
        share = f"{width / _WIDTH:.1%}"
        shown = escape(frame[: int(width / 6.7)]) if width > 30 else ""
        parts.append(
            f'<g><title>{escape(frame)}: {share}</title><rect x="{start:.1f}" y="{y}"'
            f' width="{max(0.5, width - 0.5):.1f}" height="{_ROW - 1}" rx="2" fill="{_FILLS[kind]}"'
            f'/><text x="{start + 3:.1f}" y="{y + 12}">{shown}</text></g>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _is_kernel(frame: str) -> bool:
    """Decides by the name: names in the kernel are plain C names."""
    return "::" not in frame and not frame.startswith(("_int_", "malloc", "cfree", "__mem"))


if __name__ == "__main__":
    main()
