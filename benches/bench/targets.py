"""What the benchmark is to show: each target, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.charts import TIMES
from bench.growth import exponent
from bench.processes import less_empty

Results = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One figure, how it is had from the results, and what it must be."""

    what: str
    least: float
    aim: float
    #: Of each round, where there are several.
    figure: Callable[[Results], Sequence[float]]
    #: Whether a larger figure is the better one.
    is_more_better: bool = False
    unit: str = TIMES

    def found(self, results: Results) -> Sequence[float]:
        """The figures; none where it was not measured."""
        try:
            return self.figure(results)
        except KeyError:
            return ()

    def verdict(self, value: float) -> str:
        """In a word."""
        for limit, word in ((self.aim, "aim met"), (self.least, "met")):
            if (value >= limit) if self.is_more_better else (value <= limit):
                return word
        return "**missed**"


def ratios(section: Results, one: str, other: str, figure: str = "p50") -> list[float]:
    """Of each round, how many times one peer's figure another's is."""
    peers = section["peers"]
    return _divided(peers[one][figure], peers[other][figure])


def scaling(validation: Results, peer: str) -> list[float]:
    """Of each round, how many times as many checks two threads make as one."""
    one, two = (validation["spread"][threads]["peers"][peer]["rate"] for threads in "12")
    return _divided(two, one)


def _divided(ones: Iterable[float], others: Iterable[float]) -> list[float]:
    return [one / other for one, other in zip(ones, others)]


def _latency(section: str, one: str, other: str) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["latency"][section], one, other)


def _threads(number: int, one: str, other: str, figure: str) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["throughput"][str(number)], one, other, figure)


def _counted(kind: str, figure: str) -> Callable[[Results], list[float]]:
    def found(results: Results) -> list[float]:
        ours, curl = (results["counters"][peer][f"signin {kind}"] for peer in ("ours", "curl"))
        return [ours[figure] / curl[figure]]

    return found


def _own(figure: Callable[[Results], float]) -> Callable[[Results], list[float]]:
    """The most of all kinds of sign-in."""
    return lambda results: [
        max(
            figure(one)
            for call, one in results["counters"]["ours"].items()
            if call.startswith("signin")
        )
    ]


def _checks(one: str, other: str) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["validation"]["pinned"], one, other)


def _first(results: Results) -> list[float]:
    found = results["startup"]
    return _divided(less_empty(found, "ours"), less_empty(found, "curl"))


def _import(results: Results) -> list[float]:
    return [each / 1e6 for each in less_empty(results["startup"], "py-ours")]


def _memory(results: Results) -> list[float]:
    peers = results["startup"]["peers"]
    return _divided(peers["ours"]["memory"], peers["curl"]["memory"])


def _memory_64(results: Results) -> list[float]:
    memory = results["throughput"]["64"]["memory"]
    return [memory["ours"] / memory["curl"]]


def _library(results: Results) -> list[float]:
    return [results["flat"]["libraryBytes"] / 1e6]


def _connections(results: Results) -> list[float]:
    return [results["throughput"]["64"]["peers"]["ours"]["connections"]]


def _steepest(results: Results) -> list[float]:
    own = ("ours", "py-ours")
    curves = [curve for found in results["growth"].values() for curve in found.items()]
    return [max(exponent(curve) for name, curve in curves if name in own)]


TARGETS = (
    Target(
        "instructions per warm call ÷ libcurl, HTTP",
        0.40,
        0.33,
        _counted("http", "instructions"),
    ),
    Target(
        "instructions per warm call ÷ libcurl, HTTPS",
        0.40,
        0.33,
        _counted("https", "instructions"),
    ),
    Target(
        "the same, answered as by the edge, HTTP",
        0.40,
        0.33,
        _counted("http edge", "instructions"),
    ),
    Target(
        "the same, answered as by the edge, HTTPS",
        0.40,
        0.33,
        _counted("https edge", "instructions"),
    ),
    Target(
        "system calls per warm call",
        3,
        3,
        _own(lambda own: sum(own["systemCalls"].values())),
        unit="",
    ),
    Target(
        "allocations per warm call", 45, 30, _own(lambda own: float(own["allocations"])), unit=""
    ),
    Target("warm p50 ÷ limit, HTTP", 1.7, 1.35, _latency("http", "ours", "limit")),
    Target("warm p50 ÷ limit, HTTPS", 1.7, 1.35, _latency("https", "ours", "limit")),
    Target("warm p50 ÷ libcurl, HTTP", 0.70, 0.55, _latency("http", "ours", "curl")),
    Target("warm p50 ÷ libcurl, HTTPS", 0.60, 0.45, _latency("https", "ours", "curl")),
    Target(
        "the same, answered as by the edge, HTTP", 0.70, 0.55, _latency("http edge", "ours", "curl")
    ),
    Target(
        "the same, answered as by the edge, HTTPS",
        0.60,
        0.45,
        _latency("https edge", "ours", "curl"),
    ),
    Target("throughput ÷ libcurl, 8 threads", 1.4, 2.0, _threads(8, "ours", "curl", "rate"), True),
    Target(
        "throughput ÷ libcurl, 64 threads", 1.4, 2.0, _threads(64, "ours", "curl", "rate"), True
    ),
    Target("p99 ÷ libcurl, 64 threads", 0.8, 0.5, _threads(64, "ours", "curl", "p99")),
    Target("connections opened by 64 threads", 64, 64, _connections, unit=""),
    Target(
        "Python: official SDK p50 ÷ ours, sign-in over HTTPS",
        65,
        90,
        _latency("https", "py-official", "py-ours"),
        True,
    ),
    Target(
        "Python: throughput ÷ official SDK, 8 threads",
        45,
        80,
        _threads(8, "py-ours", "py-official", "rate"),
        True,
    ),
    Target(
        "Python: official async client ÷ ours, 100 sign-ins at a time",
        3,
        10,
        lambda found: ratios(found["async"], "py-official", "py-ours"),
        True,
    ),
    Target("`session_validate` in C ÷ bare check by ring", 1.3, 1.1, _checks("ours", "raw")),
    Target(
        "`session_validate` in C ÷ bare check by OpenSSL", 1.3, 1.1, _checks("ours", "raw_openssl")
    ),
    Target(
        "`session_validate` in Python ÷ bare check by ring", 1.6, 1.3, _checks("py-ours", "raw")
    ),
    Target(
        "`session_validate` in Python ÷ bare check by cryptography",
        1.6,
        1.3,
        _checks("py-ours", "py-raw"),
    ),
    Target(
        "`session_validate`: official Python SDK ÷ ours",
        6,
        10,
        _checks("py-official", "py-ours"),
        True,
    ),
    Target(
        "`session_validate` in C: 2 threads ÷ 1",
        1.8,
        1.95,
        lambda found: scaling(found["validation"], "ours"),
        True,
    ),
    Target(
        "first HTTPS answer from process start ÷ libcurl, less an empty process", 0.15, 0.10, _first
    ),
    Target("Python: import and first call, less an empty Python", 5, 3, _import, unit="ms"),
    Target("peak memory of one call ÷ libcurl", 0.40, 0.30, _memory),
    Target("peak memory of 64 TLS threads ÷ libcurl", 0.60, 0.50, _memory_64),
    Target("shared library, stripped", 2.4, 1.9, _library, unit="MB"),
    Target("steepest curve of growth, as an exponent", 1, 1, _steepest, unit=""),
)
