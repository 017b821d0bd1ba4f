"""The targets: for each a figure, the value that it must reach, and the value that we aim at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.charts import TIMES
from bench.scaling import exponent
from bench.startup import net_times

Results = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One figure, how to compute it from the results, and its limits."""

    title: str
    required: float
    aim: float
    #: Computes the figure: one value per round, or a single one.
    figure: Callable[[Results], Sequence[float]]
    larger_is_better: bool = False
    unit: str = TIMES

    def values(self, results: Results) -> Sequence[float]:
        """The values of the figure; empty if it was not measured."""
        try:
            return self.figure(results)
        except KeyError:
            return ()

    def verdict(self, value: float) -> str:
        """How the value compares with the limits."""
        for limit, word in ((self.aim, "aim met"), (self.required, "met")):
            if (value >= limit) if self.larger_is_better else (value <= limit):
                return word
        return "**missed**"


def ratios(section: Results, one: str, other: str, figure: str = "p50") -> list[float]:
    """For each round the figure of peer `one` divided by that of peer `other`."""
    peers = section["peers"]
    return _divided(peers[one][figure], peers[other][figure])


def speedup(validation: Results, peer: str) -> list[float]:
    """For each round the validations per second of two threads divided by those of one."""
    one, two = (validation["spread"][threads]["peers"][peer]["rate"] for threads in "12")
    return _divided(two, one)


def _divided(ones: Iterable[float], others: Iterable[float]) -> list[float]:
    return [one / other for one, other in zip(ones, others)]


def _latency(section: str, one: str, other: str) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["latency"][section], one, other)


def _threads(number: int, one: str, other: str, figure: str) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["throughput"][str(number)], one, other, figure)


def _counter_ratio(kind: str, figure: str) -> Callable[[Results], list[float]]:
    def ratio(results: Results) -> list[float]:
        ours, curl = (results["counters"][peer][f"signin {kind}"] for peer in ("ours", "curl"))
        return [ours[figure] / curl[figure]]

    return ratio


def _max_counter(figure: Callable[[Results], float]) -> Callable[[Results], list[float]]:
    """The maximum over all kinds of sign-in of the library."""
    return lambda results: [
        max(
            figure(call)
            for title, call in results["counters"]["ours"].items()
            if title.startswith("signin")
        )
    ]


def _validations(one: str, other: str) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["validation"]["pinned"], one, other)


def _process_ratios(section: Results) -> list[float]:
    return _divided(net_times(section, "ours"), net_times(section, "curl"))


def _python_first_call(results: Results) -> list[float]:
    return [each / 1e6 for each in net_times(results["startup"], "py-ours")]


def _memory_of_one_call(results: Results) -> list[float]:
    peers = results["startup"]["peers"]
    return _divided(peers["ours"]["memory"], peers["curl"]["memory"])


def _memory_of_64_threads(results: Results) -> list[float]:
    memory = results["throughput"]["64"]["memory"]
    return [memory["ours"] / memory["curl"]]


def _library_size(results: Results) -> list[float]:
    return [results["flat"]["libraryBytes"] / 1e6]


def _connections(results: Results) -> list[float]:
    return [results["throughput"]["64"]["peers"]["ours"]["connections"]]


def _in_flight_memory(results: Results) -> list[float]:
    peers = results["inFlight"]["c"]["peers"]
    return [peers["ours"]["memory"] / peers["curl"]["memory"]]


def _coroutine_threads(results: Results) -> list[float]:
    return [results["inFlight"]["python"]["peers"]["py-ours"]["threads"]]


def _coroutine_memory(results: Results) -> list[float]:
    one = results["inFlight"]["python"]["peers"]["py-ours"]
    return [(one["memory"] - one["emptyMemory"]) / 1e6]


def _steepest_curve(results: Results) -> list[float]:
    curves = [curve for section in results["growth"].values() for curve in section.items()]
    return [max(exponent(curve) for name, curve in curves if name in ("ours", "py-ours"))]


TARGETS = (
    Target(
        "instructions per warm call ÷ libcurl, HTTP",
        0.40,
        0.33,
        _counter_ratio("http", "instructions"),
    ),
    Target(
        "instructions per warm call ÷ libcurl, HTTPS",
        0.40,
        0.33,
        _counter_ratio("https", "instructions"),
    ),
    Target(
        "instructions per warm call ÷ libcurl, CDN responses, HTTP",
        0.40,
        0.33,
        _counter_ratio("http edge", "instructions"),
    ),
    Target(
        "instructions per warm call ÷ libcurl, CDN responses, HTTPS",
        0.40,
        0.33,
        _counter_ratio("https edge", "instructions"),
    ),
    Target(
        "system calls per warm call",
        3,
        3,
        _max_counter(lambda call: sum(call["systemCalls"].values())),
        unit="",
    ),
    Target(
        "allocations per warm call",
        45,
        30,
        _max_counter(lambda call: float(call["allocations"])),
        unit="",
    ),
    Target("warm p50 ÷ hand-written client, HTTP", 1.7, 1.35, _latency("http", "ours", "limit")),
    Target("warm p50 ÷ hand-written client, HTTPS", 1.7, 1.35, _latency("https", "ours", "limit")),
    Target("warm p50 ÷ libcurl, HTTP", 0.70, 0.55, _latency("http", "ours", "curl")),
    Target("warm p50 ÷ libcurl, HTTPS", 0.60, 0.45, _latency("https", "ours", "curl")),
    Target(
        "warm p50 ÷ libcurl, CDN responses, HTTP", 0.70, 0.55, _latency("http edge", "ours", "curl")
    ),
    Target(
        "warm p50 ÷ libcurl, CDN responses, HTTPS",
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
        "Python: p50 of the official SDK ÷ ours, sign-in over HTTPS",
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
        "Python: p50 of the official async client ÷ ours, 100 concurrent sign-ins",
        22,
        30,
        lambda found: ratios(found["async"], "py-official", "py-ours"),
        True,
    ),
    Target(
        "1,000 sign-ins in flight on one thread: calls/s ÷ libcurl multi",
        1.3,
        2,
        lambda found: ratios(found["inFlight"]["c"], "ours", "curl", "rate"),
        True,
    ),
    Target(
        "1,000 sign-ins in flight on one thread: peak memory ÷ libcurl multi",
        0.60,
        0.35,
        _in_flight_memory,
    ),
    Target("Python: threads of 1,000 concurrent coroutines", 1, 1, _coroutine_threads, unit=""),
    Target(
        "Python: peak memory of 1,000 concurrent coroutines, without an empty Python",
        25,
        15,
        _coroutine_memory,
        unit="MB",
    ),
    Target(
        "`session_validate` in C ÷ signature check only, ring",
        1.3,
        1.1,
        _validations("ours", "raw"),
    ),
    Target(
        "`session_validate` in C ÷ signature check only, OpenSSL",
        1.3,
        1.1,
        _validations("ours", "raw_openssl"),
    ),
    Target(
        "`session_validate` in Python ÷ signature check only, ring",
        1.6,
        1.3,
        _validations("py-ours", "raw"),
    ),
    Target(
        "`session_validate` in Python ÷ signature check only, cryptography",
        1.6,
        1.3,
        _validations("py-ours", "py-raw"),
    ),
    Target(
        "`session_validate`: p50 of the official Python SDK ÷ ours",
        6,
        10,
        _validations("py-official", "py-ours"),
        True,
    ),
    Target(
        "`session_validate` of a token seen before, in C ÷ signature check only, ring",
        0.3,
        0.15,
        _validations("ours-seen", "raw"),
    ),
    Target(
        "the same in Python ÷ signature check only, cryptography",
        0.55,
        0.4,
        _validations("py-ours-seen", "py-raw"),
    ),
    Target(
        "`session_validate` of a token seen before: p50 of the official Python SDK ÷ ours",
        15,
        20,
        _validations("py-official", "py-ours-seen"),
        True,
    ),
    Target(
        "`session_validate` in C: 2 threads ÷ 1 thread",
        1.8,
        1.95,
        lambda found: speedup(found["validation"], "ours"),
        True,
    ),
    Target(
        "process with one HTTPS call ÷ libcurl, without the time of an empty process",
        0.15,
        0.10,
        lambda found: _process_ratios(found["startup"]),
    ),
    Target(
        "process with one HTTPS call ÷ libcurl, first address of the server dead",
        1.5,
        1.25,
        lambda found: _process_ratios(found["deadAddress"]),
    ),
    Target(
        "Python: import and first call, without the time of an empty Python",
        15,
        5,
        _python_first_call,
        unit="ms",
    ),
    Target("peak memory of one call ÷ libcurl", 0.40, 0.30, _memory_of_one_call),
    Target("peak memory of 64 TLS threads ÷ libcurl", 0.60, 0.50, _memory_of_64_threads),
    Target("shared library, stripped", 2.55, 2.4, _library_size, unit="MB"),
    Target("steepest scaling curve, as an exponent", 1, 1, _steepest_curve, unit=""),
)
