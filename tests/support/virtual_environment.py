"""A clean virtual environment with the wheels of this build, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.artefacts import artefact
from support.programs import TIMEOUT_SECONDS
from support.user_tests import is_setting


class VirtualEnvironment:
    """An environment of an interpreter."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        """Makes an empty environment in a folder."""
        self._folder = folder
        # pip of the interpreter that runs the tests installs: to install pip takes seconds.
        self.run([python, "-m", "venv", "--without-pip", str(folder)])

    def program(self, name: str) -> str:
        """The path of a program in it, such as `python`."""
        return str(self._folder / "bin" / name)

    def install(self, *arguments: str) -> str:
        """Installs packages from the wheels of this build, without a network."""
        wheels = ["--no-index", "--find-links", str(artefact("DESCOPE_ML_PACKAGES").absolute())]
        pip = [sys.executable, "-m", "pip", "--python", self.program("python"), "install"]
        return self.run([*pip, "--quiet", "--no-compile", *wheels, *arguments])

    def run(self, command: list[str], cwd: Path | None = None) -> str:
        """Runs a program as if this environment were active, and returns its output.

        It must succeed.
        """
        environment = {key: text for key, text in os.environ.items() if not is_setting(key)}
        environment.pop("PYTHONPATH", None)
        environment["PATH"] = os.pathsep.join([self.program(""), environment.get("PATH", "")])
        done = subprocess.run(
            command,
            cwd=cwd or self._folder.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
