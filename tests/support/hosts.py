"""Real hosts with the library inside: started, asked to work by many at once, told to end."""

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
from support.programs import PATIENCE, ROOT
from support.recorder import Recorder, recording
from support.tokens import CLAIMS, places

FOLDER = ROOT / "tests" / "hosts"

MASKED = "a••@example.com"

# How many ask a host at once, and how often they do at the least.
_ASKERS = 16
_ROUND = 64

# What `work.perform` returns.
Result = dict[str, Any]


@contextmanager
def service(certificates: Certificates) -> Iterator[Recorder]:
    """A service over TLS, which tells connections and TLS sessions apart."""
    with recording(certificates.server("good")) as recorder:
        # One answer for all: to a sign-in, and to who asks for the keys.
        recorder.script = [{"json": {"maskedEmail": MASKED, **json.loads(places()["ONE_KEY"])}}]
        yield recorder


class Host:
    """A host to be: where it finds the service, and what it has written, in a folder of its own."""

    def __init__(self, service: Recorder, certificates: Certificates, folder: Path) -> None:
        """Takes what it will need."""
        self.service = service
        self.log = folder / "log"
        self._notes = folder / "notes"
        self._output = folder / "output"
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        self.environment = {
            **kept,
            "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(FOLDER)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DESCOPE_BASE_URL": service.url,
            "DESCOPE_PROJECT_ID": CLAIMS["iss"],
            "SSL_CERT_FILE": str(certificates.trusted_file),
            "HOSTS_NOTES": str(self._notes),
            "HOSTS_SESSION": places()["SESSION"],
        }

    @contextmanager
    def running(self, command: Sequence[str], fds: Sequence[int] = ()) -> "Iterator[Running]":
        """Runs it for as long as the block lasts; in the end none of its processes is left."""
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
            yield Running(process)
        finally:
            with suppress(ProcessLookupError):  # All have ended, as they should.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)

    @property
    def output(self) -> str:
        """What its processes have written to stdout and stderr."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def notes(self) -> list[Result]:
        """What came of the work that nobody has asked for."""
        return [json.loads(line) for line in self._notes.read_text(encoding="utf-8").splitlines()]

    def assert_worked(self, results: Sequence[Result]) -> None:
        """All work went well, and by the service's view no process used what is another's."""
        every = [*results, *self.notes]
        assert_all_went_well(every)
        assert_nothing_is_shared(self.service, {one["pid"] for one in every})


class Running:
    """The processes of a host."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Takes the one that has the others as its children."""
        self._process = process
        self.pid = process.pid

    def end(self) -> int:
        """Tells the first process to end; its exit code, once there is none left of any."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Waits for the first process to end; its exit code, once there is none left of any."""
        code = self._process.wait(PATIENCE)
        wait_until(self._is_gone, "a process of the host is left over")
        return code

    def _is_gone(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return True
        return False


def wait_until(holds: Callable[[], bool], problem: str) -> None:
    """Waits for a condition, and fails if it does not come true."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, problem
        time.sleep(0.01)


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket on a free port for a host to inherit: who asks before it is ready waits in line."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing, on a free port of this machine; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [tool("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    command += ["--appendonly", "no", "--dir", str(folder), "--logfile", str(folder / "redis.log")]
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: _answers(port), "Redis never answered")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def ask_with_many(url: str, workers: int) -> list[Result]:
    """Lets a server work for many at once, until so many of its processes have been seen."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(_: int) -> Result:
        with opener.open(url, timeout=PATIENCE) as answer:
            result: Result = json.loads(answer.read())
            return result

    results: list[Result] = []
    deadline = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(_ASKERS) as askers:
        while len({one["pid"] for one in results}) < workers:
            assert time.monotonic() < deadline, "some worker never answered"
            results += askers.map(ask, range(_ROUND))
    return results


def assert_all_went_well(results: Sequence[Result]) -> None:
    """Every result is the right one."""
    wrong = [one for one in results if (one["sent"], one["users"]) != ([MASKED], [CLAIMS["sub"]])]
    assert wrong == []


def assert_nothing_is_shared(service: Recorder, processes: set[int]) -> None:
    """By the service's view: each process used connections of its own, and began TLS by itself.

    Which connection was its first cannot be told, since threads overtake each other between
    connecting and shaking hands. But one that took over the sessions of another would have no
    connection at all that began without one.
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
    assert [process for process, either in resumed.items() if False not in either] == []
