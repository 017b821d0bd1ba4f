"""Runs programs of another platform, such as those for another processor, which need a runner."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The variables that a runner needs. wine reads them; the locale says which letters names of files
# may have.
RUNNER_VARIABLES = ("WINEPREFIX", "WINEDEBUG", "WINEPATH", "LC_ALL")


def is_other_platform() -> bool:
    """Whether `platforms.py` runs the tests for a platform, with its drivers and compilers."""
    return "DESCOPE_ML_PLATFORM" in os.environ


def runner() -> list[str]:
    """The command before each program that was built for the platform, such as `qemu-s390x`."""
    return shlex.split(os.environ.get("DESCOPE_ML_RUNNER", ""))


def is_windows() -> bool:
    """Whether the platform is Windows, run by wine."""
    return "windows" in os.environ.get("DESCOPE_ML_PLATFORM", "")


def program_file(path: Path) -> str:
    """The name of a program that is built for the platform."""
    return f"{path}.exe" if is_windows() else str(path)


def as_reported(message: str) -> str:
    """A part of a message in the words of the platform.

    wine takes a reset for the end of a connection. The names of variables have no cases there.
    """
    if is_windows():
        message = message.replace("connection reset by the peer", "connection closed by the peer")
        message = message.replace("`http_proxy`", "`HTTP_PROXY`")
    return message


@contextmanager
def prepared_runner() -> Iterator[None]:
    """Keeps a program of wine running until the end of the `with` block.

    The first program starts others in the background, which end with the last program. They would
    keep the standard output of a test's program open.
    """
    if not is_windows():
        yield
        return
    program = [*runner(), "cmd"]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere) as kept:
        subprocess.run([*program, "/c", "exit"], stdout=nowhere, stderr=nowhere, check=True)
        try:
            yield
        finally:
            # It ends at the end of its input.
            kept.communicate()


def has_cpp() -> bool:
    """Whether there is a C++ compiler for the platform. musl-gcc has none."""
    return not is_other_platform() or bool(os.environ.get("DESCOPE_ML_CPP_DRIVER"))
