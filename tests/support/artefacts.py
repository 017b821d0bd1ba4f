"""The files under test and the tools that some tests need, as the Makefile names them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def artefact(variable: str) -> Path:
    """What was built, by the environment variable that says where it is.

    Args:
        variable: Such as `DESCOPE_ML_EMULATOR`.

    Returns:
        The path of a file or a directory that exists.
    """
    value = os.environ.get(variable)
    if not value:
        pytest.fail(f"{variable} is not set: run the tests with `make test`", pytrace=False)
    path = Path(value)
    if not path.exists():
        pytest.fail(
            f"{variable} names {path}, which does not exist: run `make test`", pytrace=False
        )
    return path


def tool(name: str) -> str:
    """The path of a program that this machine may lack, which skips the test; in CI it fails.

    Args:
        name: Such as `valgrind`.

    Returns:
        Its path.
    """
    return shutil.which(name) or lacking(f"{name} is not installed")


def lacking(message: str) -> NoReturn:
    """Skips a test that this machine has not all for; in CI it fails.

    Args:
        message: What there is not.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"{message}, and in CI nothing may be skipped", pytrace=False)
    pytest.skip(message)
