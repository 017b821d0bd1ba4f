"""The faces of the library: one way to call each of them, whatever its language."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Optional, Protocol

import pytest

import descope_ml
from support.artefacts import artefact
from support.canary import said_by

SIGN_IN_SMS = "magiclink/signin/sms"

# How long a driver may take for one call before it is taken for hung, in seconds.
_PATIENCE = 60

_READ_BY_THE_LIBRARY = re.compile(
    r"DESCOPE_(?!ML_)|SSL_CERT_|REQUESTS_CA_BUNDLE$|(HTTPS?|ALL|NO)_PROXY$"
)


@dataclass(frozen=True)
class Call:
    """A call to perform: the request as text and, unless a row breaks JSON, as a mapping."""

    config: Mapping[str, Any]
    text: str
    mapping: Optional[Mapping[str, Any]]
    config_text: Optional[str] = None
    operation: str = SIGN_IN_SMS

    @classmethod
    def of(cls, operation: str, config: Mapping[str, Any], request: Mapping[str, Any]) -> Call:
        """A call whose request is a mapping."""
        text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
        return cls(config, text, request, None, operation)

    def config_json(self) -> str:
        """The text of the configuration document."""
        return self.config_text or json.dumps(self.config, ensure_ascii=False)


@dataclass(frozen=True)
class Outcome:
    """How a call ended: the status and the answer or the error document.

    Where it is an exception, `said` is all that it says elsewhere than in its document.
    """

    status: int
    out: Mapping[str, Any]
    said: str = field(default="", compare=False)


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

    def __init__(self, variable: str, *, named: bool = False) -> None:
        """Starts the program that the variable names, in an environment that says nothing."""
        self._named = named
        self._path = artefact(variable)
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        kept = ("PATH", "HOME", "LD_LIBRARY_PATH")
        return subprocess.Popen(
            [str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={name: os.environ[name] for name in kept if name in os.environ},
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
        return Outcome(outcome["status"], outcome["out"])

    def close(self) -> None:
        """Ends the program; it must have written nothing to stderr and nothing more to stdout."""
        rest, _ = self._process.communicate(timeout=_PATIENCE)
        complaints = self._complaints()
        self._stderr.close()
        assert (rest, complaints, self._process.returncode) == ("", "", 0), self._path

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


class PythonFace:
    """The package, in this process."""

    def __init__(self, *, as_text: bool) -> None:
        """Passes requests as their text, or as mappings."""
        self._as_text = as_text

    def perform(self, call: Call) -> Outcome:
        """Calls the package."""
        config: Any = {_snake_case(name): value for name, value in call.config.items()}
        request = call.text if self._as_text else call.mapping
        assert request is not None
        try:
            function = getattr(descope_ml, call.operation.replace("/", "_").replace("-", "_"))
            return Outcome(0, function(request, **config))
        except descope_ml.DescopeError as error:
            if str(error) != error.document["error"]["message"]:
                pytest.fail("the exception's text is not the message of its document")
            return Outcome(error.status, error.document, said_by(error))

    def close(self) -> None:
        """Nothing runs that could be ended."""


NAMES = ("rust", "c", "c-named", "cpp", "cpp-named", "python", "python-text")


def can_express(name: str, call: Call) -> bool:
    """Whether a caller of a face can express a call at all.

    Python's keyword arguments have no broken form, and a mapping cannot hold every text.
    """
    if name == "python" and call.mapping is None:
        return False
    return call.config_text is None or not name.startswith("python")


def open_face(name: str) -> Face:
    """Makes a face ready to be called.

    Args:
        name: One of `NAMES`.

    Returns:
        The face, to be closed after the last call.
    """
    if name == "rust":
        return DriverFace("DESCOPE_ML_RUST_DRIVER")
    if name in ("c", "c-named"):
        return DriverFace("DESCOPE_ML_C_DRIVER", named=name == "c-named")
    if name in ("cpp", "cpp-named"):
        return DriverFace("DESCOPE_ML_CPP_DRIVER", named=name == "cpp-named")
    return PythonFace(as_text=name == "python-text")


def silence_environment() -> None:
    """Takes away every variable that the library reads, so that the tests alone configure it."""
    for name in list(os.environ):
        if _READ_BY_THE_LIBRARY.match(name.upper()):
            del os.environ[name]


def _snake_case(key: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"_{capital.group().lower()}", key)
