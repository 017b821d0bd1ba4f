"""The test suite of a user: files that another pytest runs, with this package and emulator."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from support.artefacts import artefact
from support.programs import TIMEOUT_SECONDS

Done = subprocess.CompletedProcess[str]


def run_user_tests(folder: Path, files: Mapping[str, str], *arguments: str, **more: str) -> Done:
    """Runs pytest in a folder.

    Args:
        folder: An empty folder.
        files: The texts of the files there, by name.
        arguments: Arguments for pytest.
        more: Environment variables.
    """
    for name, text in files.items():
        (folder / name).write_text(dedent(text))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."]
    return run_in(folder, [*command, *arguments], **more)


def run_in(folder: Path, command: list[str], **more: str) -> Done:
    """Runs a program in a folder, with the emulator of this build."""
    environment = {key: text for key, text in os.environ.items() if not is_setting(key)}
    environment["DESCOPE_ML_EMULATOR"] = str(artefact("DESCOPE_ML_EMULATOR").absolute())
    environment.update(more)
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def is_setting(variable: str) -> bool:
    """Whether an environment variable is for the package or for the pytest that runs this test."""
    return variable.startswith(("DESCOPE_", "PYTEST_"))


def assert_passed(done: Done, count: int) -> None:
    """Fails if not exactly so many tests have passed, or any other has not."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"\n{count} passed" in done.stdout, done.stdout
