"""A Python process that uses the library: forks, threads, connections and file descriptors."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from support.recording_server import LINK_SENT, RecordingServer, run_server

REQUEST = {"loginId": "+14155550123"}

# Seconds after which a child or a thread counts as hung.
_TIMEOUT = 30


def sign_in(server: RecordingServer, **config: Any) -> dict[str, Any]:
    """Signs in at the server. Calls with the same configuration share a client."""
    return descope_ml.magiclink_signin_sms(
        REQUEST, project_id="P2test", base_url=server.url, **config
    )


def sign_in_in_child(server: RecordingServer) -> int:
    """Forks, signs in twice in the child, and returns its exit status: 0 on success."""
    child = os.fork()
    if child == 0:
        # The child must not run any code of pytest: no cleanup, no second report.
        signal.alarm(_TIMEOUT)
        status = 1
        try:
            status = 0 if sign_in(server) == LINK_SENT and sign_in(server) == LINK_SENT else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return status


def test_forked_child_opens_a_connection_and_the_parent_keeps_its_own() -> None:
    """The child never writes to a connection of the parent."""
    with run_server() as server:
        assert sign_in(server) == LINK_SENT
        assert sign_in_in_child(server) == 0
        assert sign_in(server) == LINK_SENT
        assert [request.connection for request in server.received] == [0, 1, 1, 0]


def test_child_of_a_forked_child_opens_its_own_connection() -> None:
    """A fork in a forked child works like the first fork."""
    with run_server() as server:
        assert sign_in(server) == LINK_SENT
        child = os.fork()
        if child == 0:
            signal.alarm(_TIMEOUT)
            status = 1
            try:
                first = sign_in(server)
                status = sign_in_in_child(server) if first == LINK_SENT else 2
            finally:
                os._exit(1 if status else 0)
        assert os.waitpid(child, 0)[1] == 0
        assert sign_in(server) == LINK_SENT
        assert [request.connection for request in server.received] == [0, 1, 2, 2, 0]


def test_child_forked_during_calls_does_not_hang() -> None:
    """The child does not wait for a lock that another thread held at the fork."""
    with run_server() as server, ThreadPoolExecutor(4) as pool:
        stop = threading.Event()

        def keep_calling() -> int:
            count = 0
            while not stop.is_set():
                assert sign_in(server) == LINK_SENT
                count += 1
            return count

        callers = [pool.submit(keep_calling) for _ in range(4)]
        try:
            assert [sign_in_in_child(server) for _ in range(20)] == [0] * 20
        finally:
            stop.set()
        assert all(caller.result(_TIMEOUT) > 0 for caller in callers)


def test_failed_calls_leave_no_thread() -> None:
    """The thread of a DNS lookup ends with the lookup. The system may still list it briefly."""
    config: dict[str, Any] = {"project_id": "P2test", "max_attempts": 1, "tls_roots": "bundled"}
    before = set(os.listdir("/proc/self/task"))
    for base_url in ("https://127.0.0.1:1", "http://localhost:1", "https://no-such-host.invalid"):
        with pytest.raises(descope_ml.NetworkError) as failed:
            descope_ml.magiclink_signin_sms(REQUEST, base_url=base_url, **config)
        assert failed.value.outcome == "not_sent"
    deadline = time.monotonic() + _TIMEOUT
    while not set(os.listdir("/proc/self/task")) <= before:
        assert time.monotonic() < deadline, "a thread of the library still runs after its call"
        os.sched_yield()


def test_successful_calls_leave_no_thread() -> None:
    """An idle connection needs no thread."""
    with run_server() as server:
        assert sign_in(server) == LINK_SENT  # Starts the server's thread.
        before = set(os.listdir("/proc/self/task"))
        assert [sign_in(server) for _ in range(5)] == [LINK_SENT] * 5
        assert set(os.listdir("/proc/self/task")) <= before
        assert server.connections == 1


def test_eight_threads_share_a_client() -> None:
    """Every call gets its own response; there is at most one connection per concurrent call."""
    with run_server() as server, ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(sign_in, server) for _ in range(400)]
        assert [call.result() for call in calls] == [LINK_SENT] * 400
        assert len(server.received) == 400
        assert server.connections <= 8


def test_failed_calls_leave_no_open_socket() -> None:
    """A broken connection is closed and not reused."""
    with run_server() as server:
        server.script = [{"instead": "close"}]

        def fail() -> None:
            with pytest.raises(descope_ml.NetworkError) as failed:
                sign_in(server)
            assert failed.value.outcome == "unknown"
            for number in range(server.connections):
                server.wait_closed(number)

        fail()
        before = open_sockets()
        for _ in range(10):
            fail()
        assert open_sockets() == before


def open_sockets() -> int:
    """Returns the number of open sockets of this process."""
    links = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return sum(link.startswith("socket:") for link in links)
