"""Runs Apache with mod_wsgi, which was built for the Python that runs the tests."""

from __future__ import annotations

import importlib.metadata
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.artefacts import skip_or_fail, tool
from support.hosts import FOLDER, wait_until
from support.programs import TIMEOUT_SECONDS

# One process with one thread for requests, so that all interpreters share both.
_SETTINGS = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/errors
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule wsgi_module {mod_wsgi}
Mutex file:{folder}
ServerLimit 1
StartServers 1
ThreadsPerChild 1
MaxRequestWorkers 1
MinSpareThreads 1
MaxSpareThreads 1
WSGIPythonHome {home}
WSGIPythonPath {path}
"""

_APPLICATION = """
WSGIScriptAlias /{name} {script} application-group={name} process-group=%{{GLOBAL}}
"""

# Apache refuses to run as root. In a namespace of its own it can still read what root can.
_AS_USER = ["--user", "--map-user=1000", "--map-group=1000"]


class Apache:
    """An Apache that runs some applications in one process, each in an interpreter of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], names: Sequence[str]) -> None:
        """Prepares it.

        Args:
            folder: An empty folder for its files.
            environment: The environment variables of the applications.
            names: The applications. Each is `interpreters_wsgi`, below a path of this name.
        """
        self._folder = folder
        self._environment = environment
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._program = f"{_query('SBINDIR')}/{_query('PROGNAME')}"
        settings = _SETTINGS.format(
            folder=folder,
            port=self._port,
            modules=_query("LIBEXECDIR"),
            mod_wsgi=_mod_wsgi(),
            home=sys.prefix,
            path=environment["PYTHONPATH"],
        )
        script = FOLDER / "interpreters_wsgi.py"
        settings += "".join(_APPLICATION.format(name=name, script=script) for name in names)
        (folder / "httpd.conf").write_text(settings, encoding="utf-8")

    @contextmanager
    def run(self) -> Iterator[str]:
        """Runs it until the end of the `with` block, and yields its URL."""
        as_user = [tool("unshare"), *_AS_USER] if os.geteuid() == 0 else []
        command = [*as_user, self._program, "-DFOREGROUND", "-f", f"{self._folder}/httpd.conf"]
        passed = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        with (self._folder / "output").open("wb") as output:
            process = subprocess.Popen(
                command, env={**passed, **self._environment}, stdout=output, stderr=output
            )
        try:
            wait_until(lambda: self._has_started(process), "Apache did not start")
            yield f"http://127.0.0.1:{self._port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(TIMEOUT_SECONDS)

    def problems(self) -> list[str]:
        """What Apache, Python and the applications have reported, without notices."""
        text = (self._folder / "output").read_text() + (self._folder / "errors").read_text()
        # AH00484: its only thread is busy.
        expected = r":notice\]|AH00484"
        return [line for line in text.splitlines() if not re.search(expected, line)]

    def _has_started(self, process: "subprocess.Popen[bytes]") -> bool:
        assert process.poll() is None, "\n".join(self.problems())
        try:
            socket.create_connection(("127.0.0.1", self._port)).close()
        except ConnectionRefusedError:
            return False
        return True


def _query(variable: str) -> str:
    """A variable of the installed Apache."""
    command = [tool("apxs"), "-q", variable]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def _mod_wsgi() -> str:
    """The path of the module for Apache."""
    try:
        files = importlib.metadata.files("mod_wsgi") or []
    except importlib.metadata.PackageNotFoundError:
        skip_or_fail("mod_wsgi is not installed")
    return next(str(file.locate()) for file in files if file.suffix == ".so")
