"""The library in server programs that fork: every process works and shares no connection."""

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
    """A host with its own service."""
    with hosts.run_service(certificates) as service:
        yield Host(service, certificates, tmp_path)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis that runs until the end of the test."""
    with hosts.run_redis(tmp_path) as url:
        yield url


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_share_no_connection(method: str, host: Host) -> None:
    """Children start while threads of the parent are in calls. Then all of them make calls."""
    program = [sys.executable, str(hosts.FOLDER / "multiprocessing_host.py"), method]
    with host.run(program) as running:
        assert running.wait() == 0
    output = json.loads(host.output)
    assert output["codes"] == [0, -signal.SIGTERM, 0, -signal.SIGTERM]
    assert len({one["pid"] for one in host.saved_results}) == 5
    host.assert_results([])


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_children_forked_in_an_event_loop_use_their_own_loop(loop: str, host: Host) -> None:
    """At each fork calls are running in the loop of the parent, and all of them finish."""
    with host.run([sys.executable, str(hosts.FOLDER / "fork_in_event_loop.py"), loop]) as running:
        assert running.wait() == 0
    output = json.loads(host.output)
    assert output["codes"] == [0] * 20
    assert output["in_progress"] > 0
    assert len({one["pid"] for one in host.saved_results}) == 21
    host.assert_results([])


@pytest.mark.parametrize("kind", ["sync", "gthread"])
@pytest.mark.parametrize("preload", [True, False])
def test_gunicorn_workers_share_no_connection(preload: bool, kind: str, host: Host) -> None:
    """Workers end after some requests, so the master forks while other workers are in calls.

    With `preload` the master has loaded the application, and has open connections that it uses.
    """
    command = [sys.executable, "-m", "gunicorn", "--workers", str(_WORKERS), "--worker-class", kind]
    command += ["--threads", "1" if kind == "sync" else "4", "--max-requests", "20"]
    command += ["--log-file", str(host.log), "--config", "python:gunicorn_settings"]
    if preload:
        command += ["--preload"]

    def all_workers_ready() -> bool:
        log = host.log.read_text()
        return log.count("Worker ready") - log.count("Worker exiting") == _WORKERS

    with hosts.open_listener() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command += ["--bind", f"fd://{listener.fileno()}", "wsgi_app:application"]
        with host.run(command, [listener.fileno()]) as running:
            listener.close()
            results = hosts.request_concurrently(url, workers=2 * _WORKERS)
            hosts.wait_until(all_workers_ready, "not all workers are ready")
            assert running.terminate() == 0
    assert host.output == ""
    assert [line for line in host.log.read_text().splitlines() if "[INFO]" not in line] == []
    host.assert_results(results)
    if preload:
        master = [one for one in host.saved_results if one["pid"] == running.pid]
        assert len(master) == len(host.saved_results) > 2 * _WORKERS


def test_celery_prefork_workers_share_no_connection(host: Host, redis: str) -> None:
    """The main process makes calls before it forks the pool, while it runs and after its end."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "celery_app",
        "--quiet",
        "worker",
        "-l",
        "INFO",
    ]
    command += ["--pool", "prefork", "--concurrency", str(_WORKERS), "--max-tasks-per-child", "10"]
    command += ["--without-mingle", "--without-gossip", "--logfile", str(host.log)]
    host.environment["HOSTS_REDIS"] = redis
    with host.run(command) as running, Celery(broker=redis, backend=redis) as caller:
        tasks = group(caller.signature("run_workload") for _ in range(60)).apply_async()
        results = tasks.get(timeout=TIMEOUT_SECONDS)
        hosts.wait_until(lambda: len(host.saved_results) > 1, "the worker never became ready")
        assert running.terminate() == 0
    assert host.output.strip() == "worker: Warm shutdown (MainProcess)"
    log = host.log.read_text()
    assert [line for line in log.splitlines() if re.search("WARNING|ERROR|CRITICAL", line)] == []
    host.assert_results(results)
    assert [one["pid"] for one in host.saved_results] == [running.pid] * 3
    assert len({one["pid"] for one in results}) > _WORKERS


@pytest.mark.parametrize("lazy", [True, False])
def test_uwsgi_workers_share_no_connection(lazy: bool, host: Host) -> None:
    """Workers have threads. Without `lazy` the master loads the application and connects."""
    command = [sys.executable, "-c", "import pyuwsgi; pyuwsgi.run()", "--module", "wsgi_app"]
    command += ["--master", "--processes", str(_WORKERS), "--threads", "4", "--need-app"]
    command += ["--die-on-term", "--disable-logging", *(["--lazy-apps"] if lazy else [])]
    with hosts.open_listener() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command += ["--http-socket", f"fd://{listener.fileno()}"]
        with host.run(command, [listener.fileno()]) as running:
            listener.close()
            results = hosts.request_concurrently(url, workers=_WORKERS)
            assert running.terminate() == 0
    problem = "Traceback|Error|panic|descope|DAMN|MERCY|by signal"
    assert [line for line in host.output.splitlines() if re.search(problem, line)] == []
    host.assert_results(results)
    if not lazy:
        assert [one["pid"] for one in host.saved_results] == [running.pid]
