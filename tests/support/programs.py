"""Compiles and runs programs that use the built library."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import pytest

from support.artefacts import artefact, tool
from support.runner import RUNNER_VARIABLES
from support.secret_leaks import find_secrets

ROOT = Path(__file__).resolve().parent.parent.parent
STRICT = ["-Wall", "-Wextra", "-pedantic-errors", "-Werror"]

# A program that runs for longer fails the test.
TIMEOUT_SECONDS = 120

# How a test runs its program: directly, and, without a sanitizer, under valgrind's memcheck.
CHECKERS = ["plain", pytest.param("memcheck", marks=pytest.mark.plain)]
# valgrind reports the authentication tag of a TLS record as undefined: it does not understand the
# assembler code that computes the tag. The tag is correct, since the server accepts the record.
NO_UNDEFINED_VALUE_ERRORS = "--undef-value-errors=no"

_MEMCHECK = ["-q", "--error-exitcode=99", "--leak-check=full"]


def library_flags(library: Optional[Path] = None) -> list[str]:
    """The flags with which a C compiler finds the header and the shared library."""
    folder = (library or artefact("DESCOPE_ML_LIBRARY")).parent
    return [f"-I{ROOT / 'include'}", f"-L{folder}", f"-Wl,-rpath,{folder}", "-ldescope_ml"]


def c_compiler() -> str:
    """The path of the C compiler."""
    return tool(os.environ.get("CC", "cc"))


def cpp_compiler() -> str:
    """The path of the C++ compiler."""
    return tool(os.environ.get("CXX", "c++"))


def build(command: Sequence[str], cwd: Path = ROOT) -> None:
    """Runs a compiler. If it fails, the test fails with its output."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def output_of(*command: str) -> str:
    """Returns the standard output of a command."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def run(
    command: Sequence[str],
    environment: Optional[Mapping[str, str]] = None,
    stdin: str = "",
) -> "subprocess.CompletedProcess[str]":
    """Runs a program, which must not print a planted secret.

    Args:
        command: The program and its arguments.
        environment: Its environment variables, besides PATH and HOME.
        stdin: The text for its stdin.
    """
    names = ("PATH", "HOME", *RUNNER_VARIABLES)
    passed = {key: os.environ[key] for key in names if key in os.environ}
    done = subprocess.run(
        command,
        env={**passed, **(environment or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert find_secrets(done.stdout + done.stderr) == [], "the program printed a planted secret"
    return done


def compile_program(
    name: str, folder: Path, library: Optional[Path] = None, *, flags: Sequence[str] = ()
) -> str:
    """Compiles a program, with a sanitizer if `make sanitize` runs the tests.

    Args:
        name: The source file below tests/, such as `c/fork.c`.
        folder: The folder for the program.
        library: The library to link with; by default the release build.
        flags: More flags for the compiler and the linker.

    Returns:
        The path of the program.
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


def checker(name: str, leaks: str = "definite") -> list[str]:
    """The command prefix for one of `CHECKERS`: none, or valgrind's memcheck.

    Args:
        name: One of `CHECKERS`.
        leaks: The kinds of lost memory that valgrind reports.
    """
    if name != "memcheck":
        return []
    kinds = [f"--show-leak-kinds={leaks}", f"--errors-for-leak-kinds={leaks}"]
    return [tool("valgrind"), *_MEMCHECK, *kinds]


def _flags(variable: str) -> list[str]:
    return shlex.split(os.environ.get(variable, ""))


def assert_ok(command: Sequence[str], environment: Optional[Mapping[str, str]] = None) -> None:
    """Runs a program that must exit with 0 and print `ok` and nothing else."""
    done = run(command, environment)
    actual = (done.stderr, done.stdout, done.returncode)
    assert actual == ("", "ok\n", 0), f"{done.returncode}: {done.stdout}{done.stderr}"
