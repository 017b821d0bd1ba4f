"""Finds the program `descope-ml-emulator`, which this package installs."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

__all__ = ["find_emulator"]

_PROGRAM = "descope-ml-emulator" + (sysconfig.get_config_var("EXE") or "")


def find_emulator() -> str:
    """The path of the program.

    Raises:
        FileNotFoundError: It is not where installers put programs.
    """
    folders = list(_folders())
    for folder in folders:
        if (folder / _PROGRAM).is_file():
            return str(folder / _PROGRAM)
    searched = ", ".join(map(str, folders))
    raise FileNotFoundError(f"{_PROGRAM} is in none of these folders: {searched}")


def _folders() -> Iterator[Path]:
    # `pip install --target`.
    yield Path(__file__).parents[1] / "bin"
    yield Path(sysconfig.get_path("scripts"))
    # A virtual environment that sees the packages of the system.
    yield Path(sysconfig.get_path("scripts", vars={"base": sys.base_prefix}))
    # `pip install --user`.
    yield Path(sysconfig.get_path("scripts", f"{os.name}_user"))
