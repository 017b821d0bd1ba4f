"""Paths of the built files under test and of the tools that tests need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def artefact(variable: str) -> Path:
    """The path of a built file. The Makefile passes it in an environment variable.

    Args:
        variable: The name of the variable, such as `DESCOPE_ML_EMULATOR`.

    Returns:
        The path of an existing file or directory.
    """
    value = os.environ.get(variable)
    if not value:
        pytest.fail(f"{variable} is not set: run the tests with `make test`", pytrace=False)
    path = Path(value)
    if not path.exists():
        pytest.fail(
            f"{variable} is set to {path}, which does not exist: run `make test`", pytrace=False
        )
    return path


def tool(name: str) -> str:
    """The path of a program. Without it the test is skipped; in CI the test fails.

    Args:
        name: The name of the program, such as `valgrind`.

    Returns:
        The path of the program.
    """
    return shutil.which(name) or skip_or_fail(f"{name} is not installed")


def skip_or_fail(message: str) -> NoReturn:
    """Skips the test, because this machine cannot run it. In CI the test fails instead.

    Args:
        message: What is missing.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"{message}; in CI no test may be skipped", pytrace=False)
    pytest.skip(message)
