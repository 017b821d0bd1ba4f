"""The library inside real hosts that fork: all processes go on working, and share no connection."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import hosts
from support.certificates import Certificates
from support.hosts import Host

_WORKERS = 3


@pytest.fixture
def host(certificates: Certificates, tmp_path: Path) -> Iterator[Host]:
    """A host to be, with a service of its own."""
    with hosts.service(certificates) as service:
        yield Host(service, certificates, tmp_path)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing_work_and_share_nothing(method: str, host: Host) -> None:
    """Children are started while the parent's threads are in calls; then all of them call."""
    program = [sys.executable, str(hosts.FOLDER / "processes.py"), method]
    with host.running(program) as running:
        assert running.wait() == 0
    answer = json.loads(host.output)
    assert answer["codes"] == [0, -signal.SIGTERM, 0, -signal.SIGTERM]
    assert len({one["pid"] for one in host.notes}) == 5
    host.assert_worked([])


@pytest.mark.parametrize("kind", ["sync", "gthread"])
@pytest.mark.parametrize("preload", [True, False])
def test_gunicorn_serves_many_at_once_and_shares_nothing(
    preload: bool, kind: str, host: Host
) -> None:
    """Workers end after some requests, so that the master forks while others are in calls.

    Where it has loaded the application, it has connections open by then, and uses them itself.
    """
    command = [sys.executable, "-m", "gunicorn", "--workers", str(_WORKERS), "--worker-class", kind]
    command += ["--threads", "1" if kind == "sync" else "4", "--max-requests", "20"]
    command += ["--log-file", str(host.log), "--config", "python:gunicorn_settings"]
    if preload:
        command += ["--preload"]

    def is_settled() -> bool:
        log = host.log.read_text()
        return log.count("Worker ready") - log.count("Worker exiting") == _WORKERS

    with hosts.listening() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command += ["--bind", f"fd://{listener.fileno()}", "web:application"]
        with host.running(command, [listener.fileno()]) as running:
            listener.close()
            results = hosts.ask_with_many(url, workers=2 * _WORKERS)
            hosts.wait_until(is_settled, "a worker is missing")
            assert running.end() == 0
    assert host.output == ""
    assert [line for line in host.log.read_text().splitlines() if "[INFO]" not in line] == []
    host.assert_worked(results)
    if preload:
        master = [one for one in host.notes if one["pid"] == running.pid]
        assert len(master) == len(host.notes) > 2 * _WORKERS
