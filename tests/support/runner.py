"""Runs programs of another platform, such as those for another processor, which need a runner."""

from __future__ import annotations

import os
import shlex

# The variables that a runner needs. wine reads them.
RUNNER_VARIABLES = ("WINEPREFIX", "WINEDEBUG", "WINEPATH")


def is_other_platform() -> bool:
    """Whether `platforms.py` runs the tests for a platform, with its drivers and compilers."""
    return "DESCOPE_ML_PLATFORM" in os.environ


def runner() -> list[str]:
    """The command before each program that was built for the platform, such as `qemu-s390x`."""
    return shlex.split(os.environ.get("DESCOPE_ML_RUNNER", ""))


def has_cpp() -> bool:
    """Whether there is a C++ compiler for the platform. musl-gcc has none."""
    return not is_other_platform() or bool(os.environ.get("DESCOPE_ML_CPP_DRIVER"))
