"""Compiles and runs programs of other languages against the library that was built."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import pytest

from support.artefacts import artefact, tool
from support.canary import planted_in

ROOT = Path(__file__).resolve().parent.parent.parent
STRICT = ["-Wall", "-Wextra", "-pedantic-errors", "-Werror"]

# Seconds after which a program is taken for hung.
PATIENCE = 120


def library_flags(library: Optional[Path] = None) -> list[str]:
    """What a C compiler needs to find the header and the shared library."""
    folder = (library or artefact("DESCOPE_ML_LIBRARY")).parent
    return [f"-I{ROOT / 'include'}", f"-L{folder}", f"-Wl,-rpath,{folder}", "-ldescope_ml"]


def c_compiler() -> str:
    """The C compiler."""
    return tool(os.environ.get("CC", "cc"))


def cpp_compiler() -> str:
    """The C++ compiler."""
    return tool(os.environ.get("CXX", "c++"))


def build(command: Sequence[str], cwd: Path = ROOT) -> None:
    """Runs a compiler, and fails with what it says."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def compiled(name: str, folder: Path, library: Optional[Path] = None) -> str:
    """The program made of a source under tests/.

    Args:
        name: The source, such as `c/threads.c`.
        folder: Where the program is put.
        library: What it is linked with; else the library as it ships.
    """
    source = ROOT / "tests" / name
    program = str(folder / source.stem)
    cpp = source.suffix == ".cpp"
    compiler = [cpp_compiler(), "-std=c++17"] if cpp else [c_compiler(), "-std=c99"]
    flags = [*STRICT, "-g", str(source), "-o", program, *library_flags(library), "-lpthread"]
    build([*compiler, *flags])
    return program


def run(
    command: Sequence[str],
    environment: Optional[Mapping[str, str]] = None,
    given: str = "",
) -> "subprocess.CompletedProcess[str]":
    """Runs a program with this input, in an environment that says no more than it is given."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        command,
        env={**kept, **(environment or {})},
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert planted_in(done.stdout + done.stderr) == [], "a planted secret was written"
    return done
