"""How the cost grows: with threads, with the answer, with a token's claims, and with a key set."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, median

from bench import peers
from bench.peers import SIGNIN, VALIDATE
from bench.places import SERVER
from bench.races import Results, stage
from bench.running import PINNED, Race
from bench.server import serving
from bench.task import make_session

THREADS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
# The library takes answers of 1 MiB at the most.
ANSWERS = (20, 100, 1000, 10_000, 100_000, 1_000_000)
CLAIMS = (1, 3, 10, 30, 100, 300, 1000)
KEYS = (1, 3, 10, 30, 100)

Curves = dict[str, list[tuple[int, float]]]


def growth(rounds: int) -> Results:
    """Each curve: the size, and what one call takes, in ns (of `threads`: of all CPUs' time)."""
    return {
        "threads": _threads(rounds),
        "answers": _answers(rounds),
        "claims": _tokens(rounds, "claims", CLAIMS),
        "keys": _tokens(rounds, "keys", KEYS),
    }


def exponent(curve: Sequence[Sequence[float]]) -> float:
    """The slope of a curve's upper half on logarithmic axes: 0 is flat, 1 linear."""
    upper = curve[len(curve) // 2 :]
    xs, ys = [math.log(x) for x, _ in upper], [math.log(y) for _, y in upper]
    x, y = mean(xs), mean(ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
    return round(slope, 2)


def _chosen(names: Iterable[str]) -> list[peers.Peer]:
    return [peers.BY_NAME[name] for name in names]


def _threads(rounds: int) -> Curves:
    with (
        stage(True) as (server, session),
        Race(server, SIGNIN, _chosen(("ours", "curl")), session) as race,
    ):
        curves: Curves = {name: [] for name in race.running}
        for threads in THREADS:
            calls = max(20, 8000 // threads)
            for name, found in race.rounds(rounds, threads, calls, calls).items():
                curves[name].append((threads, median(1e9 / one.rate for one in found)))
    return curves


def _answers(rounds: int) -> Curves:
    with (
        # Two digits make an answer of 20 bytes; the others are padded.
        stage(False, masked_phone="23") as (server, session),
        Race(server, SIGNIN, _chosen(("ours", "curl", "limit")), session, PINNED) as race,
    ):
        curves: Curves = {name: [] for name in race.running}
        for size in ANSWERS:
            server.pad_answers(size)
            calls = max(10, 1000 // max(1, size // 1000))
            for name, found in race.rounds(rounds, 1, calls, calls).items():
                curves[name].append((size, median(one.p50 for one in found)))
    return curves


def _tokens(rounds: int, what: str, sizes: Iterable[int]) -> Curves:
    curves: Curves = {}
    chosen = _chosen(("ours", "py-ours", "py-official"))
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
                serving(SERVER, folder, tls=False, keys=session.keys) as server,
                Race(server, VALIDATE, chosen, session, PINNED) as race,
            ):
                for peer, found in race.rounds(rounds, 1, 1000, 300).items():
                    curves.setdefault(peer, []).append((size, median(one.p50 for one in found)))
    return curves
