"""The results of a platform, and the table of all platforms in docs/platforms.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Optional, TypedDict

from support.programs import ROOT
from support.typed_json import problems

DOCUMENT = ROOT / "docs" / "platforms.md"
RESULTS = ROOT / "build" / "platforms"

# The platforms by Rust's name of the target, in the order of the table.
SYSTEMS = {
    "x86_64-unknown-linux-gnu": "Linux, x86-64",
    "x86_64-unknown-linux-musl": "Linux with musl, x86-64",
    "aarch64-unknown-linux-gnu": "Linux, 64-bit ARM",
    "aarch64-unknown-linux-musl": "Linux with musl, 64-bit ARM",
    "armv7-unknown-linux-gnueabihf": "Linux, 32-bit ARM",
    "i686-unknown-linux-gnu": "Linux, 32-bit x86",
    "riscv64gc-unknown-linux-gnu": "Linux, 64-bit RISC-V",
    "powerpc64le-unknown-linux-gnu": "Linux, 64-bit POWER",
    "s390x-unknown-linux-gnu": "Linux, IBM Z (big-endian)",
    "x86_64-pc-windows-gnu": "Windows, x86-64, mingw-w64",
    "i686-pc-windows-gnu": "Windows, 32-bit x86, mingw-w64",
    "x86_64-pc-windows-msvc": "Windows, x86-64, MSVC",
    "aarch64-apple-darwin": "macOS, 64-bit ARM",
    "x86_64-apple-darwin": "macOS, x86-64",
    "x86_64-unknown-freebsd": "FreeBSD, x86-64",
}

HEADER = [
    "| system | target | builds | signs in over http | over https | case table | how it ran"
    " | size |",
    "|---|---|---|---|---|---|---|---|",
]
_BEGIN, _END = "<!-- platforms: begin -->\n", "<!-- platforms: end -->\n"


class PassedRows(TypedDict):
    """How many rows of the case table passed, each through every face that ran."""

    passed: int
    of: int


class Platform(TypedDict):
    """What is known of a platform: the content of build/platforms/TARGET.json."""

    # Rust's name of the target, one of `SYSTEMS`.
    target: str
    # Whether the library builds; `type-checked`: only its source was checked.
    builds: Literal["yes", "type-checked", "no"]
    # Whether the examples signed in; None: they were not run.
    http: Optional[bool]
    https: Optional[bool]
    # None: the case table was not run.
    rows: Optional[PassedRows]
    # The languages of the examples and drivers that ran.
    languages: Literal["C", "C, C++", ""]
    # Whether all rows ran, or only the cut of `case_cut.py`.
    isWhole: bool
    # How it was run, such as `natively` or `qemu-user 7.2`.
    how: str
    # The bytes of the shared library as it is released; None: another build was tested.
    size: Optional[int]


def write_result(result: Platform) -> None:
    """Writes the file of a platform."""
    assert result["target"] in SYSTEMS, f"{result['target']} is not in SYSTEMS"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{result['target']}.json").write_text(json.dumps(result, indent=2) + "\n")


def read_results(folder: Path = RESULTS) -> dict[str, Platform]:
    """The results of all platforms that have a file, by target."""
    results = {}
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text())
        found = problems(result, Platform, path.name)
        assert not found, found
        results[path.stem] = result
    return results


def table_row(result: Platform) -> str:
    """The line of a platform."""
    words = {True: "yes", False: "no", None: "not run"}
    rows, size = result["rows"], result["size"]
    cells = [
        SYSTEMS[result["target"]],
        f"`{result['target']}`",
        result["builds"],
        words[result["http"]],
        words[result["https"]],
        f"{rows['passed']:,} of {rows['of']:,} rows" if rows else "not run",
        ", ".join(filter(None, [result["languages"], result["how"]])),
        f"{size:,}" if size else "",
    ]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def table_rows(document: str) -> dict[str, str]:
    """The lines of the table in a document, by target."""
    lines = document.split(_BEGIN)[1].split(_END)[0].splitlines()
    assert lines[:2] == HEADER, "the table has other columns"
    rows = {}
    for line in lines[2:]:
        found = re.search(r"\| `([\w-]+)` \|", line)
        assert found, f"no target: {line}"
        rows[found[1]] = line
    return rows


def with_table(document: str, results: Mapping[str, Platform]) -> str:
    """A document with the table of these results. A platform without a result keeps its line."""
    rows = table_rows(document) | {target: table_row(result) for target, result in results.items()}
    lines = HEADER + [rows[target] for target in SYSTEMS if target in rows]
    before, after = document.split(_BEGIN)[0], document.split(_END)[1]
    return before + _BEGIN + "".join(f"{line}\n" for line in lines) + _END + after
