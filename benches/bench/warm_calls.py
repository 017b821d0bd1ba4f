"""Warm calls, peers side by side: latency, throughput, event loop, token validation."""

from __future__ import annotations

from bench import peers
from bench.comparison import Comparison, Results
from bench.cpu_affinity import ONE_CPU
from bench.peers import ASYNC, SIGNIN, VALIDATE
from bench.workload import server_and_session


def latency(rounds: int) -> Results:
    """Sign-ins on one thread, client and server on one CPU.

    Measured twice: with plain responses, and with responses as a content delivery network sends
    them.
    """
    results: Results = {}
    all_peers = peers.with_scenario(SIGNIN)
    # The hand-written client does not read chunked responses.
    chunk_readers = [peer for peer in all_peers if peer.name != "limit"]
    for suffix, edge, chosen in (("", False, all_peers), (" edge", True, chunk_readers)):
        for scheme in ("http", "https"):
            with (
                server_and_session(scheme == "https", edge=edge) as (server, session),
                Comparison(server, SIGNIN, chosen, session, ONE_CPU) as comparison,
            ):
                found = comparison.run_rounds(rounds, 1, 3000, 150)
                results[scheme + suffix] = comparison.results(found)
    return results


def throughput(rounds: int) -> Results:
    """Sign-ins on many threads over HTTPS, on all CPUs."""
    chosen = [peer for peer in peers.with_scenario(SIGNIN) if peer.language != "Node"]
    native = [peer for peer in chosen if peer.language != "Python"]
    results: Results = {}
    for threads, compared, calls, slow in ((8, chosen, 1000, 40), (64, native, 200, 20)):
        # New processes and a new server for each, so that no connection is left from another run.
        with (
            server_and_session(True) as (server, session),
            Comparison(server, SIGNIN, compared, session) as comparison,
        ):
            found = comparison.run_rounds(rounds, threads, calls, slow)
            memory = {name: peer.peak_memory() for name, peer in comparison.running.items()}
            results[str(threads)] = {**comparison.results(found), "memory": memory}
    return results


def event_loop(rounds: int) -> Results:
    """100 concurrent sign-ins on Python's event loop."""
    chosen = [peer for peer in peers.with_scenario(ASYNC) if peer.language == "Python"]
    with (
        server_and_session(True) as (server, session),
        Comparison(server, ASYNC, chosen, session) as comparison,
    ):
        return comparison.results(comparison.run_rounds(rounds, 100, 20, 2))


def validation(rounds: int) -> Results:
    """Token validation: one thread on one CPU; then one and two threads on all CPUs."""
    with server_and_session(False) as (server, session):
        every = peers.with_scenario(VALIDATE)
        with Comparison(server, VALIDATE, every, session, ONE_CPU) as comparison:
            pinned = comparison.results(comparison.run_rounds(rounds, 1, 3000, 500))
        chosen = [peers.BY_NAME[name] for name in ("ours", "raw", "raw_openssl", "py-ours")]
        with Comparison(server, VALIDATE, chosen, session) as comparison:
            spread = {}
            for threads in (1, 2):
                found = comparison.run_rounds(rounds, threads, 20000, 20000)
                spread[str(threads)] = comparison.results(found)
    return {"pinned": pinned, "spread": spread}
