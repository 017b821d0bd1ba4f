"""The process of an emulator: finds the program, starts it, waits until it is ready, ends it."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Any, Final

from descope_ml.testing.errors import EmulatorError

_PROGRAM: Final = "descope-ml-emulator"
_VARIABLE: Final = "DESCOPE_ML_EMULATOR"


def find_emulator() -> str:
    """The path of the emulator: `DESCOPE_ML_EMULATOR`, the installed package, or from PATH.

    Raises:
        EmulatorError: There is none.
    """
    named = os.environ.get(_VARIABLE)
    if named:
        return named
    try:
        package = importlib.import_module("descope_ml_emulator")
    except ModuleNotFoundError:
        found = shutil.which(_PROGRAM)
    else:
        found = str(package.find_emulator())
    if found is None:
        raise EmulatorError(
            "the emulator is not installed: run `pip install descope-ml[testing]`, put "
            f"{_PROGRAM} on PATH, or set {_VARIABLE} to its path"
        )
    return found


class EmulatorProcess:
    """A running emulator. It ends with this process as well, also if that is killed."""

    def __init__(self, flags: Sequence[str]) -> None:
        """Starts an emulator on a free port.

        Raises:
            EmulatorError: It is not installed or cannot be run, or a flag is invalid.
        """
        command = [find_emulator(), "--port", "0", "--exit-with-stdin", *flags]
        with tempfile.TemporaryFile() as stderr:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the emulator
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    # Ctrl-C reaches it only by way of this process, whose tests still need it.
                    start_new_session=True,
                )
            except OSError as error:
                raise EmulatorError(f"{command[0]} cannot be run: {error.strerror}") from None
            try:
                self.ready: Final[dict[str, Any]] = json.loads(self._stdout.readline())
            except ValueError:
                self.stop()
                stderr.seek(0)
                reason = stderr.read().decode(errors="replace").strip()
                raise EmulatorError(f"{command[0]} is not ready: {reason}") from None

    def stop(self) -> None:
        """Ends the emulator and waits for its end."""
        # Its end of the pipe of stdin could stay open in a forked child of this process.
        self._process.terminate()
        # Closes the pipes and waits.
        self._process.communicate()

    @property
    def _stdout(self) -> Any:
        return self._process.stdout
