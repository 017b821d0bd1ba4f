"""Tests of the benchmark itself: its server, two of its peers, and the comparison of counters."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

import pytest

from bench.check_counters import differences, too_expensive
from bench.server import MASKED_PHONE, Server, ServerStats, running_server
from bench.workload import Session, environment, make_session
from support.artefacts import artefact, skip_or_fail

PEERS = ["limit", "ours"]
SIGN_IN = "/v1/auth/magiclink/signin/sms"

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Bench:
    """The server, and peers that run against it."""

    server: Server
    session: Session

    def run(
        self, *arguments: str, commands: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a peer.

        Args:
            arguments: The peer's name, the scenario and the mode.
            commands: The text for its stdin.
            variables: Environment variables to change.
        """
        peer, *rest = arguments
        program = artefact("DESCOPE_ML_BENCH") / peer
        if not program.exists():
            skip_or_fail(
                f"{peer} is not built: it needs the headers and static libraries of OpenSSL"
            )
        return subprocess.run(
            [str(program), *rest],
            env={**environment(self.server, self.session), **variables},
            input=commands,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session token and its key set."""
    return make_session(tmp_path_factory.mktemp("session"), keys=3)


@pytest.fixture(scope="module", params=["http", "https"])
def bench(
    request: pytest.FixtureRequest, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """A server with HTTP, and one with HTTPS."""
    program = artefact("DESCOPE_ML_BENCH") / "descope-ml-bench-server"
    folder = tmp_path_factory.mktemp("server")
    with running_server(program, folder, tls=request.param == "https", keys=session.keys) as server:
        yield Bench(server, session)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_makes_the_requested_calls_over_one_connection(bench: Bench, peer: str) -> None:
    for mode, calls in (["once"], 1), (["loop", "3"], 3):
        done = bench.run(peer, "signin", *mode)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert bench.server.stats() == ServerStats(connections=1, requests=calls)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_in_serve_mode_reuses_its_connections(bench: Bench, peer: str) -> None:
    done = bench.run(peer, "signin", "serve", commands="run 2 20\nrun 2 20\nrun 3 5\n")
    assert (done.returncode, done.stderr) == (0, "")
    ready, *lines = done.stdout.splitlines()
    assert ready == "ready"
    runs = [json.loads(line) for line in lines]
    assert [run["calls"] for run in runs] == [40, 40, 15]
    for run in runs:
        assert run.keys() == {"calls", "wallNs", "p50Ns", "p99Ns"}
        assert 0 < run["p50Ns"] <= run["p99Ns"] <= run["wallNs"]
    stats = bench.server.stats()
    assert stats.requests == 95
    # The hand-written client has a connection for each thread. The threads of the library share the
    # idle connections of its pool: if one thread of the last run is done before another one starts,
    # two connections are enough.
    assert stats.connections in ({3} if peer == "limit" else {2, 3})


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("mode", ["once", "serve"])
def test_a_peer_fails_if_the_response_is_wrong(bench: Bench, peer: str, mode: str) -> None:
    done = bench.run(peer, "signin", mode, commands="run 1 1\n", BENCH_MASKED_PHONE="***-***-9999")
    assert done.returncode == 1
    assert done.stderr == (f"{peer}: the response has an unexpected maskedPhone: {MASKED_PHONE}\n")
    bench.server.stats()


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_fails_if_the_server_rejects_the_request(bench: Bench, peer: str) -> None:
    done = bench.run(peer, "signin", "once", BENCH_PROJECT="Q2abcdefghijklmnopqrstuvwxyz")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{peer}: ")
    bench.server.stats()


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("size", [43, 20_000, 1_000_000])
def test_a_peer_reads_responses_of_any_size(bench: Bench, peer: str, size: int) -> None:
    bench.server.set_response_size(size)
    done = bench.run(peer, "signin", "loop", "2")
    bench.server.set_response_size(0)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_library_fetches_the_keys_once(bench: Bench) -> None:
    done = bench.run("ours", "validate", "loop", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert bench.server.stats() == ServerStats(connections=1, requests=1)


def test_a_peer_fails_if_the_token_signature_is_wrong(bench: Bench) -> None:
    forged = bench.session.token[:-8] + "AAAAAAAA"
    done = bench.run("ours", "validate", "once", BENCH_TOKEN=forged)
    assert done.returncode == 1
    assert '"reason":"bad_signature"' in done.stderr
    bench.server.stats()


def test_an_unknown_scenario_is_an_error(bench: Bench) -> None:
    done = bench.run("limit", "validate", "once")
    assert (done.returncode, done.stderr) == (1, "limit: unknown scenario: validate\n")


def host_and_port(bench: Bench) -> str:
    """The address of the server."""
    return str(urlsplit(bench.server.base_url).netloc)


@pytest.mark.parametrize("bench", ["http"], indirect=True)
def test_the_server_reads_split_and_joined_requests(bench: Bench) -> None:
    """A request can arrive byte by byte, and two requests can arrive in one piece."""
    host, port = host_and_port(bench).split(":")
    head = b"POST %s HTTP/1.1\r\nauthorization: Bearer P1\r\ncontent-length: 12\r\n\r\n"
    request = head % SIGN_IN.encode() + b'{"loginId":1'
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        for byte in request:
            connection.sendall(bytes([byte]))
        assert read_response(stream) == (200, {"maskedPhone": MASKED_PHONE})
        connection.sendall(request + request)
        for _ in range(2):
            assert read_response(stream) == (200, {"maskedPhone": MASKED_PHONE})
    assert bench.server.stats() == ServerStats(connections=1, requests=3)


@pytest.mark.parametrize("bench", ["http"], indirect=True)
def test_the_server_answers_404_to_other_requests(bench: Bench) -> None:
    bearer = {"Authorization": "Bearer P1"}
    assert send(bench, "POST", SIGN_IN, bearer)[0] == 200
    assert send(bench, "POST", SIGN_IN, {})[0] == 404
    assert send(bench, "POST", SIGN_IN, {"Authorization": "Basic P1"})[0] == 404
    assert send(bench, "GET", SIGN_IN, bearer)[0] == 404
    assert send(bench, "POST", SIGN_IN + "/more", bearer)[0] == 404
    assert len(send(bench, "GET", "/v2/keys/P1", {})[1]["keys"]) == 3


def read_response(stream: Any) -> tuple[int, Any]:
    """Reads the status and the document of one response."""
    status = int(stream.readline().split()[1])
    length = 0
    while line := stream.readline().strip():
        name, value = line.split(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return status, json.loads(stream.read(length))


def send(bench: Bench, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    """Sends one request over a new connection; returns the status and the document."""
    connection = http.client.HTTPConnection(host_and_port(bench), timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, path, "{}" if method == "POST" else None, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


CALL: dict[str, Any] = {"instructions": 1000, "systemCalls": {"recvfrom": 2, "sendto": 1}}


@pytest.mark.parametrize(
    ("counted", "difference"),
    [
        ({"instructions": 1030}, None),
        ({"instructions": 970}, None),
        ({"instructions": 1031}, "signin: instructions was 1,000 and is 1,031 (+3.1%)"),
        ({"instructions": 969}, "signin: instructions was 1,000 and is 969 (-3.1%)"),
        ({"instructions": None}, "signin: instructions was 1,000 and is missing"),
        (
            {"systemCalls": {"clone3": 0.01, "recvfrom": 2, "sendto": 1}},
            "signin: systemCalls was recvfrom 2, sendto 1 and is clone3 0.01, recvfrom 2, sendto 1",
        ),
    ],
)
def test_counters_that_change_by_more_than_three_percent_are_reported(
    counted: dict[str, Any], difference: Optional[str]
) -> None:
    found = differences({"signin": CALL}, {"signin": {**CALL, **counted}})
    assert found == ([difference] if difference else [])


def test_a_committed_counter_that_is_no_longer_counted_is_reported() -> None:
    assert differences({"signin": {"allocations": 41}}, {}) == [
        "signin: allocations was 41 and is missing"
    ]


def test_a_call_through_the_types_of_cpp_may_cost_little_more_than_in_c() -> None:
    counted = {
        "signin http": {"instructions": 1000},
        "signin http c++": {"instructions": 1150},
        "validate": {"instructions": 1000},
        "validate c++": {"instructions": 1151},
        "library": {"bytes": 5},
    }
    assert too_expensive(counted) == ["validate: 1,151 instructions in C++, 1,000 in C"]
