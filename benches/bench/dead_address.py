"""A process with one call to a name whose first address does not respond."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.comparison import Results
from bench.cpu_affinity import ONE_CPU, pin
from bench.startup import ca_bundle, measure_processes
from bench.workload import environment, server_and_session
from support.dns import isolated_dns_command, unresponsive_port

NAMES = ("ours", "curl")
#: The server's certificate has this name.
HOST = "dual-stack.test"


def dead_address(rounds: int) -> Results:
    """One sign-in over HTTPS per process. Connecting to the first address would never end."""
    with (
        server_and_session(True) as (server, session),
        tempfile.TemporaryDirectory() as certificates,
        tempfile.TemporaryDirectory() as hosts,
        ExitStack() as stack,
    ):
        port = urlsplit(server.base_url).port
        assert port is not None
        try:
            prefix = isolated_dns_command(Path(hosts), {HOST: ["::1", "127.0.0.1"]})
            stack.enter_context(unresponsive_port("::1", port))
        except (pytest.skip.Exception, OSError) as reason:
            return {"peers": {}, "failed": dict.fromkeys(NAMES, str(reason))}
        server.ca_file = ca_bundle(server, Path(certificates))
        variables = {**environment(server, session), "BENCH_URL": f"https://{HOST}:{port}"}
        pin(server.pid, ONE_CPU)
        return measure_processes(NAMES, variables, rounds, prefix)
