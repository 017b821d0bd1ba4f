"""Four gunicorn workers get 200 requests with one expired session, whose refresh works once."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from support import hosts
from support.hosts import HostProgram
from support.programs import TIMEOUT_SECONDS
from support.refresh_server import RefreshServer, run_refresh_server
from support.tokens import token_placeholders

_WORKERS = 4
_REQUESTS = 200
# So few per worker that every worker gets some of the requests.
_REQUESTS_PER_WORKER = 60

ALREADY_USED = "E061005"


@pytest.fixture
def service() -> Iterator[RefreshServer]:
    """A service that holds the answer to the first refresh."""
    with run_refresh_server() as server:
        yield server
        server.release()


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis that runs until the end of the test."""
    with hosts.run_redis(tmp_path) as url:
        yield url


@pytest.fixture
def host(service: RefreshServer, redis_url: str, tmp_path: Path) -> HostProgram:
    """A host that uses both."""
    host = HostProgram(service.url, tmp_path)
    tokens = token_placeholders()
    host.environment["DESCOPE_PUBLIC_KEY"] = tokens["JWK"]
    host.environment["HOSTS_REDIS"] = redis_url
    host.environment["HOSTS_REFRESH"] = tokens["REFRESH"]
    return host


@contextmanager
def requests_in_progress(
    host: HostProgram, worker_class: str, app: str = "refresh_app"
) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """All requests are in the application. Yields what waits for the responses."""
    command = [sys.executable, "-m", "gunicorn", "--workers", str(_WORKERS)]
    command += ["--worker-class", worker_class, "--threads", str(_REQUESTS_PER_WORKER)]
    command += ["--worker-connections", str(_REQUESTS_PER_WORKER), "--log-file", str(host.log)]
    # The master makes the client and the store.
    command += ["--preload"]
    with hosts.open_listener() as listener, ThreadPoolExecutor(_REQUESTS) as pool:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command += ["--bind", f"fd://{listener.fileno()}", f"{app}:application"]
        with host.run(command, [listener.fileno()]) as running:
            responses = [pool.submit(_get, url) for _ in range(_REQUESTS)]
            hosts.wait_until(
                lambda: len(host.saved_results) == _REQUESTS, "not all requests arrived"
            )
            yield lambda: [response.result(TIMEOUT_SECONDS) for response in responses]
            assert running.terminate() == 0


def _get(url: str) -> dict[str, Any]:
    """The response to a browser whose session has expired, with the cookies that it sets."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    tokens = token_placeholders()
    cookie = f"DS={tokens['EXPIRED']}; DSR={tokens['REFRESH']}"
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
        result: dict[str, Any] = json.loads(response.read())
        cookies = [line.partition(";")[0] for line in response.headers.get_all("Set-Cookie", [])]
        return {**result, "cookies": cookies} if cookies else result


def new_session(pid: int) -> dict[str, Any]:
    """The response to a request that has got the new session."""
    return {"pid": pid, "user": "U2ann", "refresh": token_placeholders()["NEW_REFRESH"]}


@pytest.mark.parametrize("worker_class", ["gthread", "gevent"])
def test_one_process_refreshes_for_all(
    worker_class: str, host: HostProgram, service: RefreshServer
) -> None:
    with requests_in_progress(host, worker_class) as responses:
        service.wait_for_refresh()
        service.release()
        results = responses()
    assert len({result["pid"] for result in results}) == _WORKERS
    assert [result for result in results if result != new_session(result["pid"])] == []
    assert service.refreshes == [f"Bearer P2test:{token_placeholders()['REFRESH']}"]


@pytest.mark.parametrize("worker_class", ["gthread", "gevent"])
def test_no_request_to_a_guarded_page_is_refused(
    worker_class: str, host: HostProgram, service: RefreshServer
) -> None:
    """All browsers get the cookies of the new session."""
    with requests_in_progress(host, worker_class, "guarded_app") as responses:
        service.wait_for_refresh()
        service.release()
        results = responses()
    assert len({result["pid"] for result in results}) == _WORKERS
    tokens = token_placeholders()
    cookies = [f"DS={tokens['SESSION']}", f"DSR={tokens['NEW_REFRESH']}"]
    expected = [{"pid": one["pid"], "user": "U2ann", "cookies": cookies} for one in results]
    assert results == expected
    assert service.refreshes == [f"Bearer P2test:{tokens['REFRESH']}"]


@pytest.mark.parametrize("is_single_use", [True, False])
def test_without_redis_each_process_refreshes_once(
    is_single_use: bool, host: HostProgram, service: RefreshServer, redis_url: str
) -> None:
    """Redis dies while a process refreshes. Nothing fails but what the service rejects."""
    service.is_single_use = is_single_use
    with requests_in_progress(host, "gthread") as responses:
        service.wait_for_refresh()
        os.kill(int(redis.Redis.from_url(redis_url).info()["process_id"]), signal.SIGKILL)
        hosts.wait_until(
            lambda: len(service.refreshes) == _WORKERS, "a process did not refresh for itself"
        )
        service.release()
        results = responses()
    assert len(service.refreshes) == _WORKERS
    accepted = {result["pid"] for result in results if "error" not in result}
    assert len(accepted) == (1 if is_single_use else _WORKERS)
    for result in results:
        pid = result["pid"]
        is_accepted = pid in accepted
        assert result == (new_session(pid) if is_accepted else {"pid": pid, "error": ALREADY_USED})
