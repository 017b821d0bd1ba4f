"""How the cost grows with threads, response size, the claims of a token, and the keys of a set."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, median

from bench import peers
from bench.comparison import Comparison, Results
from bench.cpu_affinity import ONE_CPU
from bench.paths import SERVER
from bench.peers import SIGNIN, VALIDATE
from bench.server import running_server
from bench.workload import make_session, server_and_session

THREADS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
# The library accepts responses up to 1 MiB.
RESPONSE_SIZES = (20, 100, 1000, 10_000, 100_000, 1_000_000)
CLAIMS = (1, 3, 10, 30, 100, 300, 1000)
KEYS = (1, 3, 10, 30, 100)

#: For each peer the points of its curve: a size, and the time of one call in ns.
Curves = dict[str, list[tuple[int, float]]]


def scaling(rounds: int) -> Results:
    """The curves of each measurement.

    The time of a call is its p50; for `threads` it is the wall time divided by the calls of all
    threads.
    """
    return {
        "threads": _threads(rounds),
        "answers": _response_sizes(rounds),
        "claims": _tokens(rounds, "claims", CLAIMS),
        "keys": _tokens(rounds, "keys", KEYS),
    }


def exponent(curve: Sequence[Sequence[float]]) -> float:
    """The slope of a curve's upper half on logarithmic axes: 0 is flat, 1 is linear."""
    upper = curve[len(curve) // 2 :]
    xs, ys = [math.log(x) for x, _ in upper], [math.log(y) for _, y in upper]
    x, y = mean(xs), mean(ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
    return round(slope, 2)


def _peers(*names: str) -> list[peers.Peer]:
    return [peers.BY_NAME[name] for name in names]


def _threads(rounds: int) -> Curves:
    with (
        server_and_session(True) as (server, session),
        Comparison(server, SIGNIN, _peers("ours", "curl"), session) as comparison,
    ):
        curves: Curves = {name: [] for name in comparison.running}
        for threads in THREADS:
            calls = max(20, 8000 // threads)
            for name, found in comparison.run_rounds(rounds, threads, calls, calls).items():
                curves[name].append((threads, median(1e9 / one.rate for one in found)))
    return curves


def _response_sizes(rounds: int) -> Curves:
    chosen = _peers("ours", "curl", "limit")
    with (
        # With a phone number of two digits the response has 20 bytes; larger ones are padded.
        server_and_session(False, masked_phone="23") as (server, session),
        Comparison(server, SIGNIN, chosen, session, ONE_CPU) as comparison,
    ):
        curves: Curves = {name: [] for name in comparison.running}
        for size in RESPONSE_SIZES:
            server.set_response_size(size)
            calls = max(10, 1000 // max(1, size // 1000))
            for name, found in comparison.run_rounds(rounds, 1, calls, calls).items():
                curves[name].append((size, median(one.p50 for one in found)))
    return curves


def _tokens(rounds: int, what: str, sizes: Iterable[int]) -> Curves:
    curves: Curves = {}
    chosen = _peers("ours", "py-ours", "py-official")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            claims = {f"claim{number}": f"value {number}" for number in range(size)}
            session = (
                make_session(folder, extra_claims=claims)
                if what == "claims"
                else make_session(folder, keys=size)
            )
            with (
                running_server(SERVER, folder, tls=False, keys=session.keys) as server,
                Comparison(server, VALIDATE, chosen, session, ONE_CPU) as comparison,
            ):
                for peer, found in comparison.run_rounds(rounds, 1, 1000, 300).items():
                    curves.setdefault(peer, []).append((size, median(one.p50 for one in found)))
    return curves
