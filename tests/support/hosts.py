"""Runs real server programs (gunicorn, Celery, uWSGI) that use the library in forked processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from support.artefacts import tool
from support.certificates import Certificates
from support.programs import ROOT, TIMEOUT_SECONDS
from support.recording_server import RecordingServer, run_server
from support.tokens import CLAIMS, token_placeholders

FOLDER = ROOT / "tests" / "hosts"

MASKED_EMAIL = "a••@example.com"

# How many requests a host receives at the same time, and how many make up one round.
_CONCURRENT_REQUESTS = 16
_REQUESTS_PER_ROUND = 64

# What `workload.run` returns.
Result = dict[str, Any]


@contextmanager
def run_service(certificates: Certificates) -> Iterator[RecordingServer]:
    """Runs a service with TLS, which records the connection and TLS session of each request."""
    with run_server(certificates.server_context("good")) as server:
        # The same response for sign-ins and for key fetches.
        keys = json.loads(token_placeholders()["ONE_KEY"])
        server.script = [{"json": {"maskedEmail": MASKED_EMAIL, **keys}}]
        yield server


class HostProgram:
    """A host program: its environment and its output."""

    def __init__(self, base_url: str, folder: Path) -> None:
        """Prepares a program that uses the service with this URL. `folder` is for its files."""
        self.log = folder / "log"
        self._results = folder / "results"
        self._output = folder / "output"
        passed = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        self.environment = {
            **passed,
            "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(FOLDER)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DESCOPE_BASE_URL": base_url,
            "DESCOPE_PROJECT_ID": CLAIMS["iss"],
            "HOSTS_RESULTS": str(self._results),
        }

    @contextmanager
    def run(self, command: Sequence[str], fds: Sequence[int] = ()) -> "Iterator[HostProcesses]":
        """Runs the host until the end of the `with` block, and then kills what is left of it.

        Args:
            command: The program and its arguments.
            fds: File descriptors that the program inherits.
        """
        with self._output.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=self.environment,
                cwd=self._output.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=fds,
                start_new_session=True,
            )
        try:
            yield HostProcesses(process)
        finally:
            with suppress(ProcessLookupError):  # All processes have ended, as they should.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(TIMEOUT_SECONDS)

    @property
    def output(self) -> str:
        """Everything that its processes have written to stdout and stderr."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def saved_results(self) -> list[Result]:
        """The results that processes have saved, because no request waits for them."""
        if not self._results.exists():
            return []
        return [json.loads(line) for line in self._results.read_text(encoding="utf-8").splitlines()]


class Host(HostProgram):
    """A host program whose calls are the workload, and the results of these calls."""

    def __init__(self, service: RecordingServer, certificates: Certificates, folder: Path) -> None:
        """Prepares a host that uses the service. `folder` is for its files."""
        super().__init__(service.url, folder)
        self.service = service
        self.environment["SSL_CERT_FILE"] = str(certificates.ca_file)
        self.environment["HOSTS_SESSION"] = token_placeholders()["SESSION"]

    def assert_results(self, results: Sequence[Result]) -> None:
        """Asserts that all calls succeeded and that no process used a connection of another one."""
        every = [*results, *self.saved_results]
        assert_all_correct(every)
        assert_nothing_shared(self.service, {result["pid"] for result in every})


class HostProcesses:
    """The processes of a running host."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Takes the first process, which has started the others."""
        self._process = process
        self.pid = process.pid

    def terminate(self) -> int:
        """Sends SIGTERM to the first process, and then waits like `wait`."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Waits until all processes have ended; returns the exit code of the first one."""
        code = self._process.wait(TIMEOUT_SECONDS)
        wait_until(self._have_ended, "a process of the host did not end")
        return code

    def _have_ended(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return True
        return False


def wait_until(condition: Callable[[], bool], problem: str) -> None:
    """Waits until a condition is true. After a timeout the test fails with the problem."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.01)


@contextmanager
def open_listener() -> Iterator[socket.socket]:
    """A listening socket for a host to inherit. Connections wait until the host is ready."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener


@contextmanager
def run_redis(folder: Path) -> Iterator[str]:
    """Runs a Redis without persistence on a free port, and yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [tool("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    command += ["--appendonly", "no", "--dir", str(folder), "--logfile", str(folder / "redis.log")]
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: accepts_connections(port), "Redis did not start")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def accepts_connections(port: int) -> bool:
    """Whether a program listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def request_concurrently(url: str, workers: int) -> list[Result]:
    """Sends requests until this many worker processes have responded.

    Args:
        url: The URL of the host.
        workers: The number of processes.

    Returns:
        The results of all requests.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send_request(_: int) -> Result:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
            result: Result = json.loads(response.read())
            return result

    results: list[Result] = []
    deadline = time.monotonic() + TIMEOUT_SECONDS
    with ThreadPoolExecutor(_CONCURRENT_REQUESTS) as pool:
        while len({result["pid"] for result in results}) < workers:
            assert time.monotonic() < deadline, "some worker never responded"
            results += pool.map(send_request, range(_REQUESTS_PER_ROUND))
    return results


def assert_all_correct(results: Sequence[Result]) -> None:
    """Asserts that every process got the expected responses."""
    expected = ([MASKED_EMAIL], [CLAIMS["sub"]])
    assert [one for one in results if (one["sent"], one["users"]) != expected] == []


def assert_nothing_shared(service: RecordingServer, processes: set[int]) -> None:
    """Asserts that each process used its own connections and its own TLS sessions.

    The order of the connections does not tell which one was the first of a process, because threads
    overtake each other between connecting and the TLS handshake. But a process that used the TLS
    sessions of another process would have no connection without resumption.
    """
    users: dict[int, set[int]] = defaultdict(set)
    resumed: dict[int, set[bool]] = defaultdict(set)
    for request in service.received:
        if "loginId" in request.body:
            process = int(json.loads(request.body)["loginId"].partition("@")[0])
            users[request.connection].add(process)
            resumed[process].add(request.resumed)
    assert [sharing for sharing in users.values() if len(sharing) > 1] == []
    assert set(resumed) == processes
    assert [process for process, values in resumed.items() if False not in values] == []
