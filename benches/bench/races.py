"""Peers side by side: latency, throughput, the event loop, and the checking of tokens."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import peers
from bench.peers import ASYNC, SIGNIN, VALIDATE
from bench.places import SERVER
from bench.running import PINNED, Race, Runs
from bench.server import MASKED_PHONE, Server, serving
from bench.task import Session, make_session

Results = dict[str, Any]


@contextmanager
def stage(
    is_tls: bool, *, masked_phone: str = MASKED_PHONE, edge: bool = False
) -> Iterator[tuple[Server, Session]]:
    """A server, and what its callers work on."""
    with tempfile.TemporaryDirectory() as name:
        session = make_session(Path(name))
        with serving(
            SERVER,
            Path(name),
            tls=is_tls,
            keys=session.keys,
            masked_phone=masked_phone,
            edge=edge,
        ) as server:
            yield server, session


def latency(rounds: int) -> Results:
    """One thread, client and server on one CPU; then again, answered as by the edge."""
    found: Results = {}
    everyone = peers.of(SIGNIN)
    # The hand-written client reads no chunks.
    others = [peer for peer in everyone if peer.name != "limit"]
    for suffix, edge, chosen in (("", False, everyone), (" edge", True, others)):
        for scheme in ("http", "https"):
            with (
                stage(scheme == "https", edge=edge) as (server, session),
                Race(server, SIGNIN, chosen, session, PINNED) as race,
            ):
                found[scheme + suffix] = told(race.rounds(rounds, 1, 3000, 150), race)
    return found


def throughput(rounds: int) -> Results:
    """Many threads over HTTPS, on all CPUs."""
    chosen = [peer for peer in peers.of(SIGNIN) if peer.language != "Node"]
    native = [peer for peer in chosen if peer.language != "Python"]
    found: Results = {}
    for threads, racing, calls, slow in ((8, chosen, 1000, 40), (64, native, 200, 20)):
        # New processes and a new server for each, so that the connections of one are its own.
        with stage(True) as (server, session), Race(server, SIGNIN, racing, session) as race:
            runs = race.rounds(rounds, threads, calls, slow)
            memory = {name: running.memory() for name, running in race.running.items()}
            found[str(threads)] = {**told(runs, race), "memory": memory}
    return found


def event_loop(rounds: int) -> Results:
    """100 sign-ins at a time from Python's event loop."""
    with stage(True) as (server, session), Race(server, ASYNC, peers.of(ASYNC), session) as race:
        return told(race.rounds(rounds, 100, 20, 2), race)


def validation(rounds: int) -> Results:
    """Tokens: one thread on one CPU, then one and two threads on two."""
    with stage(False) as (server, session):
        with Race(server, VALIDATE, peers.of(VALIDATE), session, PINNED) as race:
            one = told(race.rounds(rounds, 1, 3000, 500), race)
        chosen = [peers.BY_NAME[name] for name in ("ours", "raw", "raw_openssl", "py-ours")]
        with Race(server, VALIDATE, chosen, session) as race:
            spread = {}
            for threads in (1, 2):
                spread[str(threads)] = told(race.rounds(rounds, threads, 20000, 20000), race)
    return {"pinned": one, "spread": spread}


def told(runs: Runs, race: Race) -> Results:
    """Runs as they are written down, in nanoseconds and calls per second."""
    by_peer = {
        name: {
            "p50": [one.p50 for one in found],
            "p99": [one.p99 for one in found],
            "rate": [one.rate for one in found],
            "connections": found[-1].connections,
        }
        for name, found in runs.items()
        if found
    }
    return {"peers": by_peer, "failed": race.failed}
