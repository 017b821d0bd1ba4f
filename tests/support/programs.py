"""Compiles and runs programs of other languages against the library that was built."""

from __future__ import annotations

import os
import shlex
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

# What runs a test: the program by itself, and where no sanitizer is at work, memcheck.
CHECKERS = ["plain", pytest.param("memcheck", marks=pytest.mark.plain)]
_DEFINITE = ["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]
_MEMCHECK = ["-q", "--error-exitcode=99", "--leak-check=full", *_DEFINITE]


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


def compiled(
    name: str, folder: Path, library: Optional[Path] = None, *, flags: Sequence[str] = ()
) -> str:
    """The program made of a source under tests/, for a sanitizer where `make sanitize` says so.

    Args:
        name: The source, such as `c/threads.c`.
        folder: Where the program is put.
        library: What it is linked with; else the library as it ships.
        flags: More for the compiler and the linker.
    """
    source = ROOT / "tests" / name
    program = str(folder / source.stem)
    cpp = source.suffix == ".cpp"
    compiler, standard = (cpp_compiler(), "c++17") if cpp else (c_compiler(), "c11")
    instrument = [f"-std={standard}", *STRICT, "-g", *_flags("DESCOPE_ML_COMPILE_FLAGS"), *flags]
    link = [*_flags("DESCOPE_ML_LINK_FLAGS"), *flags, *library_flags(library), "-lpthread", "-ldl"]
    includes = f"-I{ROOT / 'include'}"
    build([compiler, *instrument, includes, "-c", str(source), "-o", f"{program}.o"])
    build([compiler, f"{program}.o", "-o", program, *link])
    return program


def checker(name: str) -> list[str]:
    """What runs a program: nothing, or valgrind's memcheck."""
    return [tool("valgrind"), *_MEMCHECK] if name == "memcheck" else []


def _flags(variable: str) -> list[str]:
    return shlex.split(os.environ.get(variable, ""))


def assert_ok(command: Sequence[str], environment: Optional[Mapping[str, str]] = None) -> None:
    """The program found nothing wrong and wrote nothing but that."""
    done = run(command, environment)
    ended = (done.stderr, done.stdout, done.returncode)
    assert ended == ("", "ok\n", 0), f"{done.returncode}: {done.stdout}{done.stderr}"
