"""The library inside real hosts that fork: all processes go on working, and share no connection."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from support import hosts
from support.certificates import Certificates
from support.programs import PATIENCE
from support.recorder import Recorder


@pytest.fixture
def service(certificates: Certificates) -> Iterator[Recorder]:
    """A service over TLS for one host."""
    with hosts.service(certificates) as service:
        yield service


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing_work_and_share_nothing(
    method: str, service: Recorder, certificates: Certificates
) -> None:
    """Children are started while the parent's threads are in calls; then all of them call."""
    done = subprocess.run(
        [sys.executable, str(hosts.FOLDER / "processes.py"), method],
        env=hosts.environment(service, certificates),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["codes"] == [0, -signal.SIGTERM, 0, -signal.SIGTERM]
    hosts.assert_all_went_well(answer["results"])
    hosts.assert_nothing_is_shared(service, {one["pid"] for one in answer["results"]})
    assert len({one["pid"] for one in answer["results"]}) == 5
