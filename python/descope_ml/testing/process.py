"""The process of an emulator: finds the program, starts it, waits until it is ready, ends it."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from typing import Any, Final

from descope_ml.testing.errors import EmulatorError

_PROGRAM: Final = "descope-ml-emulator"
_VARIABLE: Final = "DESCOPE_ML_EMULATOR"

# How long a start and an end may take, in seconds.
_MAX_WAIT: Final = 30.0


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
                self.ready: Final[dict[str, Any]] = json.loads(self._first_line())
            except ValueError:
                self.stop()
                stderr.seek(0)
                reason = stderr.read().decode(errors="replace").strip()
                raise EmulatorError(f"{command[0]} is not ready: {reason}") from None

    def stop(self) -> None:
        """Ends the emulator and waits for its end."""
        # Its end of the pipe of stdin could stay open in a forked child of this process.
        self._process.terminate()
        try:
            # Closes the pipes and waits.
            self._process.communicate(timeout=_MAX_WAIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _first_line(self) -> bytes:
        """The line with which the emulator says that it is ready; empty if it takes too long."""
        timer = threading.Timer(_MAX_WAIT, self._process.kill)
        timer.start()
        try:
            stdout: Any = self._process.stdout
            line: bytes = stdout.readline()
            return line
        finally:
            timer.cancel()
