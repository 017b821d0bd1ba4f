"""What the benchmark is to show: each target, and what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, Optional

from bench.charts import TIMES
from bench.processes import less_empty

Results = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One figure, how it is had from the results, and what it must be."""

    what: str
    least: float
    aim: float
    figure: Callable[[Results], float]
    #: Whether a larger figure is the better one.
    is_more_better: bool = False
    unit: str = TIMES

    def found(self, results: Results) -> Optional[float]:
        """The figure; None where it was not measured."""
        try:
            return self.figure(results)
        except KeyError:
            return None

    def verdict(self, value: float) -> str:
        """In a word."""
        for limit, word in ((self.aim, "aim met"), (self.least, "met")):
            if (value >= limit) if self.is_more_better else (value <= limit):
                return word
        return "**missed**"


def ratio(section: Results, one: str, other: str, figure: str = "p50") -> float:
    """The median of the rounds' ratios."""
    peers = section["peers"]
    pairs = zip(peers[one][figure], peers[other][figure])
    return float(median(a / b for a, b in pairs))


def _latency(scheme: str, one: str, other: str) -> Callable[[Results], float]:
    return lambda results: ratio(results["latency"][scheme], one, other)


def _threads(number: int, one: str, other: str, figure: str) -> Callable[[Results], float]:
    return lambda results: ratio(results["throughput"][str(number)], one, other, figure)


def _counted(scheme: str, figure: str) -> Callable[[Results], float]:
    def found(results: Results) -> float:
        counters = results["counters"]
        return float(
            counters["ours"][f"signin {scheme}"][figure]
            / counters["curl"][f"signin {scheme}"][figure]
        )

    return found


def _own(figure: Callable[[Results], float]) -> Callable[[Results], float]:
    def found(results: Results) -> float:
        own = results["counters"]["ours"]
        return max(figure(own["signin http"]), figure(own["signin https"]))

    return found


def _checks(one: str, other: str) -> Callable[[Results], float]:
    return lambda results: ratio(results["validation"]["pinned"], one, other)


def _scaling(results: Results) -> float:
    one, two = (results["validation"]["spread"][threads]["peers"]["ours"] for threads in "12")
    return float(median(b / a for a, b in zip(one["rate"], two["rate"])))


def _first(results: Results) -> float:
    return less_empty(results["startup"], "ours") / less_empty(results["startup"], "curl")


def _import(results: Results) -> float:
    return less_empty(results["startup"], "py-ours") / 1e6


def _memory(results: Results) -> float:
    peers = results["startup"]["peers"]
    return float(median(peers["ours"]["memory"]) / median(peers["curl"]["memory"]))


def _memory_64(results: Results) -> float:
    memory = results["throughput"]["64"]["memory"]
    return float(memory["ours"] / memory["curl"])


def _library(results: Results) -> float:
    return float(results["flat"]["libraryBytes"]) / 1e6


def _connections(results: Results) -> float:
    return float(results["throughput"]["64"]["peers"]["ours"]["connections"])


TARGETS = (
    Target(
        "instructions per warm call ÷ libcurl, HTTP", 0.40, 0.33, _counted("http", "instructions")
    ),
    Target(
        "instructions per warm call ÷ libcurl, HTTPS", 0.40, 0.33, _counted("https", "instructions")
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
        lambda found: ratio(found["async"], "py-official", "py-ours"),
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
    Target("`session_validate` in C: 2 threads ÷ 1", 1.8, 1.95, _scaling, True),
    Target(
        "first HTTPS answer from process start ÷ libcurl, less an empty process", 0.15, 0.10, _first
    ),
    Target("Python: import and first call, less an empty Python", 5, 3, _import, unit="ms"),
    Target("peak memory of one call ÷ libcurl", 0.40, 0.30, _memory),
    Target("peak memory of 64 TLS threads ÷ libcurl", 0.60, 0.50, _memory_64),
    Target("shared library, stripped", 2.4, 1.9, _library, unit="MB"),
)
