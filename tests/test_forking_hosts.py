"""The library inside real hosts that fork: all processes go on working, and share no connection."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery, group  # type: ignore[import-untyped]

from support import hosts
from support.certificates import Certificates
from support.hosts import Host
from support.programs import TIMEOUT_SECONDS

_WORKERS = 3


@pytest.fixture
def host(certificates: Certificates, tmp_path: Path) -> Iterator[Host]:
    """A host to be, with a service of its own."""
    with hosts.service(certificates) as service:
        yield Host(service, certificates, tmp_path)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis that keeps nothing, and ends with the test."""
    with hosts.redis(tmp_path) as url:
        yield url


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


def test_children_forked_in_an_event_loop_work_in_loops_of_their_own(host: Host) -> None:
    """Calls are under way in the parent's loop at each fork, and all come to their end."""
    with host.running([sys.executable, str(hosts.FOLDER / "loops.py")]) as running:
        assert running.wait() == 0
    assert json.loads(host.output) == {"codes": [0] * 20}
    assert len({one["pid"] for one in host.notes}) == 21
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


def test_celerys_prefork_pool_works_on_many_tasks_and_shares_nothing(
    host: Host, redis: str
) -> None:
    """The process that has the pool signs in ahead of forking it, beside it and after it."""
    command = [sys.executable, "-m", "celery", "--app", "tasks", "--quiet", "worker", "-l", "INFO"]
    command += ["--pool", "prefork", "--concurrency", str(_WORKERS), "--max-tasks-per-child", "10"]
    command += ["--without-mingle", "--without-gossip", "--logfile", str(host.log)]
    host.environment["HOSTS_REDIS"] = redis
    with host.running(command) as running, Celery(broker=redis, backend=redis) as caller:
        tasks = group(caller.signature("work") for _ in range(60)).apply_async()
        results = tasks.get(timeout=TIMEOUT_SECONDS)
        hosts.wait_until(lambda: len(host.notes) > 1, "the worker never became ready")
        assert running.end() == 0
    assert host.output.strip() == "worker: Warm shutdown (MainProcess)"
    log = host.log.read_text()
    assert [line for line in log.splitlines() if re.search("WARNING|ERROR|CRITICAL", line)] == []
    host.assert_worked(results)
    assert [one["pid"] for one in host.notes] == [running.pid] * 3
    assert len({one["pid"] for one in results}) > _WORKERS


@pytest.mark.parametrize("lazy", [True, False])
def test_uwsgi_serves_many_at_once_and_shares_nothing(lazy: bool, host: Host) -> None:
    """Workers have threads; unless each loads the application, the master has, with connections."""
    command = [sys.executable, "-c", "import pyuwsgi; pyuwsgi.run()", "--module", "web"]
    command += ["--master", "--processes", str(_WORKERS), "--threads", "4", "--need-app"]
    command += ["--die-on-term", "--disable-logging", *(["--lazy-apps"] if lazy else [])]
    with hosts.listening() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command += ["--http-socket", f"fd://{listener.fileno()}"]
        with host.running(command, [listener.fileno()]) as running:
            listener.close()
            results = hosts.ask_with_many(url, workers=_WORKERS)
            assert running.end() == 0
    problem = "Traceback|Error|panic|descope|DAMN|MERCY|by signal"
    assert [line for line in host.output.splitlines() if re.search(problem, line)] == []
    host.assert_worked(results)
    if not lazy:
        assert [one["pid"] for one in host.notes] == [running.pid]
