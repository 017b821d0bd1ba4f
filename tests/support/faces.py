"""The faces of the library: one way to call each of them, whatever its language."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Optional, Protocol

from support.artefacts import artefact
from support.python_face import SIGN_IN_SMS as SIGN_IN_SMS
from support.python_face import Call as Call
from support.python_face import Outcome as Outcome
from support.python_face import PythonFace

# How long a driver may take for one call before it is taken for hung, in seconds.
_PATIENCE = 60

# What of this process's environment a driver needs to start.
_KEPT = ("PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH")

_READ_BY_THE_LIBRARY = re.compile(
    r"DESCOPE_(?!ML_)|SSL_CERT_|REQUESTS_CA_BUNDLE$|(HTTPS?|ALL|NO)_PROXY$"
)


class Face(Protocol):
    """One way into the library; calls with the same configuration share a client."""

    def perform(self, call: Call) -> Outcome:
        """Performs the call."""
        ...

    def close(self) -> None:
        """Ends it, and asserts that it wrote nothing where it should not."""
        ...


class DriverFace:
    """A program that takes one call per line and lives as long as the tests."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        named: bool = False,
        environment: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Starts the program, in an environment that says no more than it is given."""
        self._named = named
        self._command = command
        self._environment = environment or {}
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**kept, **self._environment},
            encoding="utf-8",
        )

    def perform(self, call: Call) -> Outcome:
        """Sends the call and waits for its outcome."""
        if self._process.poll() is not None:
            self._stderr.truncate(0)  # An earlier test has reported its end.
            self._process = self._start()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        order: dict[str, Any] = {"operation": call.operation, "request": call.text}
        order["config"] = call.config_json()
        if self._named:
            order["named"] = True
        watchdog = threading.Timer(_PATIENCE, self._process.kill)
        watchdog.start()
        try:
            with suppress(BrokenPipeError):  # It has ended, and so has its output.
                stdin.write(json.dumps(order) + "\n")
                stdin.flush()
            outcome = _document(stdout)
        finally:
            watchdog.cancel()
        assert outcome, f"the driver ended with {self._process.wait()}: {self._complaints()}"
        return Outcome(outcome["status"], outcome["out"], outcome.get("said", ""))

    def close(self) -> None:
        """Ends the program; it must have written nothing to stderr and nothing more to stdout."""
        rest, _ = self._process.communicate(timeout=_PATIENCE)
        complaints = self._complaints()
        self._stderr.close()
        assert (rest, complaints, self._process.returncode) == ("", "", 0), self._command

    def _complaints(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")


def _document(stream: IO[str]) -> dict[str, Any]:
    """The next document of a stream, empty at its end. An answer in many lines is passed on so."""
    text = ""
    for line in iter(stream.readline, ""):
        text += line
        with suppress(json.JSONDecodeError):
            document: dict[str, Any] = json.loads(text)
            return document
    return {}


_DRIVERS = {
    "rust": "DESCOPE_ML_RUST_DRIVER",
    "c": "DESCOPE_ML_C_DRIVER",
    "cpp": "DESCOPE_ML_CPP_DRIVER",
}

# Sanitizers are for those in C and C++ alone.
_IN_C = ("c", "c-named", "cpp", "cpp-named")
NAMES = _IN_C if "DESCOPE_ML_SANITIZER" in os.environ else ("rust", *_IN_C, "python", "python-text")


def can_express(name: str, call: Call) -> bool:
    """Whether a caller of a face can express a call at all.

    Python's keyword arguments have no broken form, and a mapping cannot hold every text.
    """
    if name == "python" and call.mapping is None:
        return False
    return call.config_text is None or not name.startswith("python")


def open_face(
    name: str,
    prefix: Sequence[str] = (),
    environment: Optional[Mapping[str, str]] = None,
) -> Face:
    """Makes a face ready to be called.

    Args:
        name: One of `NAMES`.
        prefix: A program that runs the face's own, which then is not this process.
        environment: What the face's own process has in its environment.

    Returns:
        The face, to be closed after the last call.
    """
    if name.startswith("python"):
        as_text = name == "python-text"
        if not prefix and environment is None:
            return PythonFace(as_text=as_text)
        command = [sys.executable, "-m", "support.python_face"]
        command += ["--as-text"] if as_text else []
        path = os.pathsep.join([os.environ["PYTHONPATH"], str(Path(__file__).parent.parent)])
        environment = {**(environment or {}), "PYTHONPATH": path}
    else:
        command = [str(artefact(_DRIVERS[name.removesuffix("-named")]))]
    named = name.endswith("-named")
    return DriverFace([*prefix, *command], named=named, environment=environment)


def silence_environment() -> None:
    """Takes away every variable that the library reads, so that the tests alone configure it."""
    for name in list(os.environ):
        if _READ_BY_THE_LIBRARY.match(name.upper()):
            del os.environ[name]
