"""The benchmark's own parts: its server, the peers that are counted, and what counters compare."""

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

from bench.counters import differences
from bench.server import MASKED_PHONE, Counted, Server, serving
from bench.task import Session, environment, make_session
from support.artefacts import artefact, skip_or_fail

PEERS = ["limit", "ours"]
SIGN_IN = "/v1/auth/magiclink/signin/sms"

# Seconds after which a peer is taken for hung.
PATIENCE = 60


@dataclass(frozen=True)
class Bench:
    """The server, and how a peer is run against it."""

    server: Server
    session: Session

    def run(
        self, *words: str, told: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a peer: its name, the scenario, the mode."""
        peer, *rest = words
        program = artefact("DESCOPE_ML_BENCH") / peer
        if not program.exists():
            skip_or_fail(f"{peer} is not built: it needs OpenSSL's headers and archives")
        return subprocess.run(
            [str(program), *rest],
            env={**environment(self.server, self.session), **variables},
            input=told,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A token and its key set."""
    return make_session(tmp_path_factory.mktemp("session"), keys=3)


@pytest.fixture(scope="module", params=["http", "https"])
def bench(
    request: pytest.FixtureRequest, session: Session, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """A server of each kind."""
    program = artefact("DESCOPE_ML_BENCH") / "descope-ml-bench-server"
    folder = tmp_path_factory.mktemp("server")
    with serving(program, folder, tls=request.param == "https", keys=session.keys) as server:
        yield Bench(server, session)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_makes_as_many_calls_as_it_is_told_over_one_connection(
    bench: Bench, peer: str
) -> None:
    for mode, calls in (["once"], 1), (["loop", "3"], 3):
        done = bench.run(peer, "signin", *mode)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert bench.server.stats() == Counted(connections=1, requests=calls)


@pytest.mark.parametrize("peer", PEERS)
def test_a_serving_peer_keeps_its_connections_from_run_to_run(bench: Bench, peer: str) -> None:
    done = bench.run(peer, "signin", "serve", told="run 2 20\nrun 2 20\nrun 3 5\n")
    assert (done.returncode, done.stderr) == (0, "")
    ready, *lines = done.stdout.splitlines()
    assert ready == "ready"
    runs = [json.loads(line) for line in lines]
    assert [run["calls"] for run in runs] == [40, 40, 15]
    for run in runs:
        assert run.keys() == {"calls", "wallNs", "p50Ns", "p99Ns"}
        assert 0 < run["p50Ns"] <= run["p99Ns"] <= run["wallNs"]
    assert bench.server.stats() == Counted(connections=3, requests=95)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("mode", ["once", "serve"])
def test_a_peer_fails_when_the_answer_is_wrong(bench: Bench, peer: str, mode: str) -> None:
    done = bench.run(peer, "signin", mode, told="run 1 1\n", BENCH_MASKED_PHONE="***-***-9999")
    assert done.returncode == 1
    assert done.stderr == (
        f"{peer}: the answer's maskedPhone is not the expected one: {MASKED_PHONE}\n"
    )
    bench.server.stats()


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_fails_when_the_service_refuses(bench: Bench, peer: str) -> None:
    done = bench.run(peer, "signin", "once", BENCH_PROJECT="Q2abcdefghijklmnopqrstuvwxyz")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{peer}: ")
    bench.server.stats()


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("size", [43, 20_000, 1_000_000])
def test_a_peer_reads_an_answer_of_any_size(bench: Bench, peer: str, size: int) -> None:
    bench.server.pad_answers(size)
    done = bench.run(peer, "signin", "loop", "2")
    bench.server.pad_answers(0)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_library_validates_with_keys_that_are_fetched_once(bench: Bench) -> None:
    done = bench.run("ours", "validate", "loop", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert bench.server.stats() == Counted(connections=1, requests=1)


def test_a_token_with_a_wrong_signature_fails_the_peer(bench: Bench) -> None:
    forged = bench.session.token[:-8] + "AAAAAAAA"
    done = bench.run("ours", "validate", "once", BENCH_TOKEN=forged)
    assert done.returncode == 1
    assert '"reason":"bad_signature"' in done.stderr
    bench.server.stats()


def test_a_scenario_that_a_peer_lacks_is_told(bench: Bench) -> None:
    done = bench.run("limit", "validate", "once")
    assert (done.returncode, done.stderr) == (1, "limit: has no such scenario: validate\n")


def plain(bench: Bench) -> str:
    """The host and port of a server that speaks HTTP."""
    return str(urlsplit(bench.server.base_url).netloc)


@pytest.mark.parametrize("bench", ["http"], indirect=True)
def test_the_server_puts_requests_in_pieces_together(bench: Bench) -> None:
    """Nor does it mind two requests in one piece."""
    host, port = plain(bench).split(":")
    head = b"POST %s HTTP/1.1\r\nauthorization: Bearer P1\r\ncontent-length: 12\r\n\r\n"
    request = head % SIGN_IN.encode() + b'{"loginId":1'
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = connection.makefile("rb")
        for byte in request:
            connection.sendall(bytes([byte]))
        assert read_answer(answers) == (200, {"maskedPhone": MASKED_PHONE})
        connection.sendall(request + request)
        for _ in range(2):
            assert read_answer(answers) == (200, {"maskedPhone": MASKED_PHONE})
    assert bench.server.stats() == Counted(connections=1, requests=3)


@pytest.mark.parametrize("bench", ["http"], indirect=True)
def test_the_server_answers_404_to_what_is_no_sign_in(bench: Bench) -> None:
    bearer = {"Authorization": "Bearer P1"}
    assert ask(bench, "POST", SIGN_IN, bearer)[0] == 200
    assert ask(bench, "POST", SIGN_IN, {})[0] == 404
    assert ask(bench, "POST", SIGN_IN, {"Authorization": "Basic P1"})[0] == 404
    assert ask(bench, "GET", SIGN_IN, bearer)[0] == 404
    assert ask(bench, "POST", SIGN_IN + "/more", bearer)[0] == 404
    assert len(ask(bench, "GET", "/v2/keys/P1", {})[1]["keys"]) == 3


def read_answer(stream: Any) -> tuple[int, Any]:
    """One answer's status and document."""
    status = int(stream.readline().split()[1])
    length = 0
    while line := stream.readline().strip():
        name, value = line.split(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return status, json.loads(stream.read(length))


def ask(bench: Bench, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    """One request over a connection of its own."""
    connection = http.client.HTTPConnection(plain(bench), timeout=PATIENCE)
    try:
        connection.request(method, path, "{}" if method == "POST" else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
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
        ({"instructions": None}, "signin: instructions was 1,000 and is not there"),
        (
            {"systemCalls": {"clone3": 0.01, "recvfrom": 2, "sendto": 1}},
            "signin: systemCalls was recvfrom 2, sendto 1 and is clone3 0.01, recvfrom 2, sendto 1",
        ),
    ],
)
def test_counters_tell_what_changed_by_more_than_three_percent(
    counted: dict[str, Any], difference: Optional[str]
) -> None:
    found = differences({"signin": CALL}, {"signin": {**CALL, **counted}})
    assert found == ([difference] if difference else [])


def test_a_committed_counter_that_is_no_longer_counted_is_told() -> None:
    assert differences({"signin": {"allocations": 41}}, {}) == [
        "signin: allocations was 41 and is not there"
    ]
