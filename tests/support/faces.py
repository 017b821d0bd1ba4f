"""The faces of the library (Rust, C, C++, Python), each behind the same interface for tests."""

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
from support.python_face import PYTHON_FACES, PythonFace
from support.python_face import SIGN_IN_SMS as SIGN_IN_SMS
from support.python_face import Call as Call
from support.python_face import Result as Result
from support.python_face import can_express as python_can_express
from support.runner import RUNNER_VARIABLES, has_cpp, is_other_platform, runner

# A driver that needs more time for one call is killed.
_TIMEOUT_SECONDS = 60

# The variables of this process that a driver needs in order to start.
_PASSED_VARIABLES = ("PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH", *RUNNER_VARIABLES)

_LIBRARY_VARIABLES = re.compile(
    r"DESCOPE_(?!ML_)|SSL_CERT_|REQUESTS_CA_BUNDLE$|(HTTPS?|ALL|NO)_PROXY$"
)


class Face(Protocol):
    """One face of the library. Calls with the same configuration share a client."""

    def execute(self, call: Call) -> Result:
        """Makes the call."""
        ...

    def close(self) -> None:
        """Ends the face, and asserts that it wrote nothing to stderr."""
        ...


class DriverFace:
    """A face in a program of its own, which reads one call per line until the tests end."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        flag: str = "",
        is_typed: bool = False,
        environment: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Starts the program.

        Args:
            command: The program and its arguments.
            flag: How the driver makes the calls. `named`: with the default client of its process
                and the function of each operation, such as `descope_magiclink_signin_sms`. `queue`:
                in a queue. Empty: with a client of its own.
            is_typed: Whether the driver makes the calls with typed requests. Those that the types
                cannot express, such as one with an unknown key, it makes with the document.
            environment: The environment variables that the library reads.
        """
        self._flag = flag
        self._is_typed = is_typed
        self._command = command
        self._environment = environment or {}
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        passed = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**passed, **self._environment},
            encoding="utf-8",
        )

    def execute(self, call: Call) -> Result:
        """Sends the call to the program and waits for the result."""
        if self._process.poll() is not None:
            self._stderr.truncate(0)  # An earlier test has already reported the end.
            self._process = self._start()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        order: dict[str, Any] = {"operation": call.operation, "request": call.text}
        if self._command[-1] in _drivers_in_c() and len(call.text) > _LONGEST_REQUEST_IN_A_LINE:
            order["requestFile"] = self._write_request(call.text)
            del order["request"]
        order["config"] = call.config_json()
        if self._flag:
            order[self._flag] = True
        if self._is_typed:
            order["typed"] = {"request": _mark(call.mapping), "config": _mark_config(call)}
        watchdog = threading.Timer(_TIMEOUT_SECONDS, self._process.kill)
        watchdog.start()
        try:
            with suppress(BrokenPipeError):  # The program has ended; reading will find no answer.
                stdin.write(json.dumps(order) + "\n")
                stdin.flush()
            answer = _read_document(stdout)
        finally:
            watchdog.cancel()
        assert answer, f"the driver ended with {self._process.wait()}: {self._read_stderr()}"
        if self._is_typed and call.mapping is not None and answer["status"] not in _REJECTED:
            assert answer["typed"], "the typed request of C++ cannot express this row"
        return Result(answer["status"], answer["out"], answer.get("exceptionText", ""))

    def _write_request(self, text: str) -> str:
        self._request_file = tempfile.NamedTemporaryFile()  # noqa: SIM115 - lives as long as the face
        self._request_file.write(text.encode())
        self._request_file.flush()
        return self._request_file.name

    def close(self) -> None:
        """Ends the program. It must have written nothing to stderr and nothing more to stdout."""
        rest, _ = self._process.communicate(timeout=_TIMEOUT_SECONDS)
        stderr = self._read_stderr()
        self._stderr.close()
        ended = (rest, stderr, self._process.returncode)
        assert ended == ("", "", 0), f"{self._command}: {ended}"

    def _read_stderr(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")


def _read_document(stream: IO[str]) -> dict[str, Any]:
    """The next JSON document of a stream, which may have several lines. Empty at the end."""
    text = ""
    for line in iter(stream.readline, ""):
        text += line
        with suppress(json.JSONDecodeError):
            document: dict[str, Any] = json.loads(text)
            return document
    return {}


def _mark(value: Any) -> "dict[str, Any]":
    """A value of a request with its type, for tests/drivers/typed_request.hpp.

    Texts are hexadecimal, since JSON pointers cannot return a NUL.
    """
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int):
        return {"n": value}
    if isinstance(value, str):
        return {"s": _hex(value)}
    if isinstance(value, list):
        return {"l": [_mark(item) for item in value], "items": len(value)}
    if isinstance(value, Mapping):
        members = dict(value)
        if isinstance(members.get("audience"), str):  # C++ has lists only.
            members["audience"] = [members["audience"]]
        marked: dict[str, Any] = {"o": {key: _mark(member) for key, member in members.items()}}
        marked |= {"keys": len(value), "json": _hex(_compact(value))}
        if all(isinstance(member, str) for member in value.values()):
            marked["m"] = [[_hex(key), _hex(member)] for key, member in value.items()]
            marked["entries"] = len(value)
        return marked
    return {"null": value is None}


def _mark_config(call: Call) -> "dict[str, Any]":
    return _mark(call.config) if call.config_text is None else {}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hex(text: str) -> str:
    return text.encode(errors="surrogatepass").hex()


# The statuses of calls with an invalid request or configuration.
_REJECTED = (1, 2)

_DRIVERS = {
    "rust": "DESCOPE_ML_RUST_DRIVER",
    "c": "DESCOPE_ML_C_DRIVER",
    "cpp": "DESCOPE_ML_CPP_DRIVER",
}

# The drivers in C and C++ read their lines with the library, which takes documents of 1 MiB.
_LONGEST_REQUEST_IN_A_LINE = 400_000


def _drivers_in_c() -> list[str]:
    names = ("c", "cpp") if has_cpp() else ("c",)
    return [str(artefact(_DRIVERS[name])) for name in names]


C_FACES = ("c", "c-named", "c-queue")
CPP_FACES = ("cpp", "cpp-named", "cpp-queue")


def _faces() -> Sequence[str]:
    """The faces of this run."""
    if is_other_platform():  # C, and C++ where there is a compiler for it.
        return (*C_FACES, *(CPP_FACES if has_cpp() else ()))
    if "DESCOPE_ML_SANITIZER" in os.environ:  # Sanitizers only run with the C and C++ drivers.
        return (*C_FACES, *CPP_FACES)
    return ("rust", *C_FACES, *CPP_FACES, *PYTHON_FACES)


FACES = _faces()


def can_express(name: str, call: Call) -> bool:
    """Whether a face can make a call at all."""
    return name not in PYTHON_FACES or python_can_express(name, call)


def open_face(
    name: str,
    prefix: Sequence[str] = (),
    environment: Optional[Mapping[str, str]] = None,
) -> Face:
    """Starts a face.

    Args:
        name: One of `FACES`.
        prefix: A command that runs the driver of the face, such as `unshare`.
        environment: The environment variables of the driver.

    Returns:
        The face. The caller closes it after the last call. Without a prefix and an environment the
        Python faces run in this process.
    """
    flag = ""
    if name in PYTHON_FACES:
        if not prefix and environment is None:
            return PythonFace(PYTHON_FACES[name])
        command = [sys.executable, "-m", "support.python_face", name]
        path = os.pathsep.join([os.environ["PYTHONPATH"], str(Path(__file__).parent.parent)])
        environment = {**(environment or {}), "PYTHONPATH": path}
    else:
        name, _, flag = name.partition("-")
        command = [*runner(), str(artefact(_DRIVERS[name]))]
    is_typed = name == "cpp"
    return DriverFace([*prefix, *command], flag=flag, is_typed=is_typed, environment=environment)


def clear_environment() -> None:
    """Removes every variable that the library reads, so that only the tests configure it."""
    for name in list(os.environ):
        if _LIBRARY_VARIABLES.match(name.upper()):
            del os.environ[name]
