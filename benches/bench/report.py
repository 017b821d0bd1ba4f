"""Writes RESULTS.md and the charts from the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from bench import charts, peers
from bench.growth import exponent
from bench.places import CHARTS, REPORT
from bench.processes import less_empty
from bench.targets import TARGETS, ratio

Results = dict[str, Any]

_HEAD = """# Results

Written by `make bench`. Ratios are medians of the ratios of single rounds, in which all peers took
their turns in another order each time; times are medians over the rounds, with the least and the
most in parentheses. Times are of this machine and this day, and of a server on the same machine:
only the ratios mean something elsewhere. One thread: client and server on the same CPU. Many
threads: on all CPUs. The official Go SDK is missing: its module could not be had here; `net/http`
and jwx are what it is built on.
"""


def report(results: Results) -> None:
    """Writes everything that there are results for."""
    CHARTS.mkdir(exist_ok=True)
    parts = [_HEAD, _targets(results)]
    for name, write in (
        ("latency", _latency),
        ("throughput", _throughput),
        ("async", _async),
        ("validation", _validation),
        ("startup", _startup),
        ("counters", _counters),
        ("growth", _growth),
        ("flat", _flat),
        ("roundTrips", _round_trips),
        ("machine", _machine),
    ):
        if name in results:
            parts.append(write(results[name]))
    REPORT.write_text("\n".join(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        value = target.found(results)
        sign = "≥" if target.is_more_better else "≤"
        shown = "not measured" if value is None else f"{_figure(value)} {target.unit}".strip()
        verdict = "" if value is None else target.verdict(value)
        least, aim = (
            f"{sign} {limit:g} {target.unit}".strip() for limit in (target.least, target.aim)
        )
        rows.append((target.what, least, aim, shown, verdict))
    return "## Targets\n\n" + table(("", "at least", "aim", "measured", ""), rows)


def _latency(found: Results) -> str:
    parts = ["## A warm sign-in, one thread\n"]
    for scheme, section in found.items():
        name = scheme.upper()
        parts.append(f"### {name}\n\n{_times(section, ('limit', 'curl', 'ours'))}")
        values = {_title(peer): ratio(section, peer, "limit") for peer in _sorted(section)}
        chart = charts.bars(f"Warm sign-in over {name}, one thread", "p50 ÷ limit", values)
        parts += [_chart(f"latency-{scheme}", chart), _failed(section)]
    return "\n".join(parts)


def _throughput(found: Results) -> str:
    parts = ["## Many threads, HTTPS\n"]
    for threads, section in found.items():
        rows = [
            (
                _title(peer),
                f"{median(one['rate']):,.0f}",
                f"{ratio(section, peer, 'curl', 'rate'):.2f}",
                _spread(one["p99"]),
                str(one["connections"]),
                f"{section['memory'][peer] / 1e6:.1f}",
            )
            for peer, one in sorted(
                section["peers"].items(), key=lambda item: -median(item[1]["rate"])
            )
        ]
        head = ("", "calls/s", "÷ libcurl", "p99, µs", "connections opened", "peak memory, MB")
        parts.append(f"### {threads} threads\n\n{table(head, rows)}")
        values = {_title(peer): median(one["rate"]) for peer, one in section["peers"].items()}
        chart = charts.bars(
            f"Sign-ins by {threads} threads over HTTPS", "calls per second", values, "/s"
        )
        parts += [_chart(f"throughput-{threads}", chart), _failed(section)]
    return "\n".join(parts)


def _async(found: Results) -> str:
    return "## 100 sign-ins at a time on Python's event loop, HTTPS\n\n" + _times(
        found, ("py-ours",)
    )


def _validation(found: Results) -> str:
    pinned = found["pinned"]
    parts = [
        "## Checking a session token, RS256, keys cached, one thread\n",
        _times(pinned, ("raw", "raw_openssl", "ours", "py-ours")),
    ]
    values = {_title(peer): ratio(pinned, peer, "raw") for peer in _sorted(pinned)}
    parts.append(
        _chart(
            "validation", charts.bars("Checking a session token", "p50 ÷ ring's bare check", values)
        )
    )
    rows = [
        (_title(peer), *(f"{median(found['spread'][n]['peers'][peer]['rate']):,.0f}" for n in "12"))
        for peer in found["spread"]["1"]["peers"]
    ]
    parts.append(table(("checks per second", "1 thread", "2 threads"), rows))
    return "\n".join([*parts, _failed(pinned)])


def _startup(found: Results) -> str:
    rows = []
    for peer, one in sorted(found["peers"].items(), key=lambda item: less_empty(found, item[0])):
        wall = [value / 1e6 for value in one["wall"]]
        rows.append(
            (
                _title(peer),
                f"{less_empty(found, peer) / 1e6:.2f}",
                f"{less_empty(found, peer) / less_empty(found, 'curl'):.2f}",
                f"{median(wall):.2f} ({min(wall):.2f} to {max(wall):.2f})",
                f"{median(one['memory']) / 1e6:.1f}",
            )
        )
    head = ("", "ms, less an empty process", "÷ libcurl", "ms", "peak memory, MB")
    values = {_title(peer): less_empty(found, peer) / 1e6 for peer in found["peers"]}
    chart = charts.bars(
        "From process start to the first HTTPS answer",
        "less an empty process of the language",
        values,
        "ms",
    )
    return "\n".join(
        [
            "## A process for one call, HTTPS\n",
            table(head, rows),
            _chart("startup", chart),
            _failed(found),
        ]
    )


def _counters(found: Results) -> str:
    rows = [
        (
            f"{_title(peer)}, {what}",
            f"{one['instructions']:,}",
            ", ".join(f"{number:g} {name}" for name, number in one["systemCalls"].items())
            or "none",
            f"{one['allocations']:g}",
            f"{one['allocatedBytes']:,}",
        )
        for peer, calls in found.items()
        for what, one in calls.items()
    ]
    head = ("", "instructions", "system calls", "allocations", "bytes")
    return "## One warm call, counted\n\n" + table(head, rows)


_GROWTH = {
    "threads": ("Threads", "threads", "wall time per call, ns"),
    "answers": ("Size of the answer", "bytes", "p50, ns"),
    "claims": ("Custom claims in a token", "claims", "p50, ns"),
    "keys": ("Keys in the key set", "keys", "p50, ns"),
}


def _growth(found: Results) -> str:
    parts = [
        "## Growth\n",
        "The exponent is the slope of a curve's upper half on logarithmic axes: 0 is flat, 1 is"
        " linear.\n",
    ]
    for name, (title, across, up) in _GROWTH.items():
        curves = {_title(peer): curve for peer, curve in found[name].items()}
        sizes = [size for size, _ in next(iter(curves.values()))]
        rows = [
            (label, *(f"{value / 1000:,.1f}" for _, value in curve), f"{exponent(curve):.2f}")
            for label, curve in curves.items()
        ]
        head = (f"µs, by {across}", *(f"{size:,}" for size in sizes), "exponent")
        chart = charts.curves(title, across, up, curves)
        parts += [f"### {title}\n", table(head, rows), _chart(f"growth-{name}", chart)]
    return "\n".join(parts)


def _flat(found: Results) -> str:
    rows = [
        (step["what"], f"{step['residentBytes'] / 1e6:.2f}", str(step["descriptors"]))
        for step in found["steps"]
    ]
    ours, curl = found["oursClosure"], found["curlClosure"]
    return "\n".join(
        [
            "## What must not grow\n",
            table(("", "resident memory, MB", "descriptors"), rows),
            f"The library has {found['libraryBytes']:,} bytes; one more operation by name is "
            f"{found['endpointBytes']:,} bytes of code (the median of the exported functions of"
            " operations).\n",
            "Shared libraries that a program brings in, the C library apart: ours"
            f" {ours['libraries']} with {ours['bytes'] / 1e6:.1f} MB, libcurl + cJSON"
            f" {curl['libraries']} with {curl['bytes'] / 1e6:.1f} MB.\n",
        ]
    )


def _round_trips(found: list[Mapping[str, Any]]) -> str:
    rows = [(row["what"], f"{row['ms']:.1f}", f"{row['roundTrips']:.1f}") for row in found]
    return "\n".join(
        [
            "## What a user feels: round trips\n",
            "HTTPS to the emulator with 40 ms of delay in each direction: a round trip takes"
            " 80 ms.\n",
            table(("", "ms", "round trips"), rows),
        ]
    )


def _machine(found: Mapping[str, str]) -> str:
    return "## What it ran on\n\n" + table(("", ""), found.items())


def _times(section: Results, against: Sequence[str]) -> str:
    rows = [
        (
            _title(peer),
            _spread(section["peers"][peer]["p50"]),
            *(f"{ratio(section, peer, other):.2f}" for other in against),
        )
        for peer in _sorted(section)
    ]
    return table(("", "p50, µs", *(f"÷ {_title(other)}" for other in against)), rows)


def _sorted(section: Results) -> list[str]:
    return sorted(section["peers"], key=lambda peer: median(section["peers"][peer]["p50"]))


def _title(peer: str) -> str:
    one = peers.BY_NAME[peer]
    return one.title if one.language in one.title else f"{one.title} ({one.language})"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values) / 1000:,.1f} ({min(values) / 1000:,.1f} to {max(values) / 1000:,.1f})"


def _failed(section: Results) -> str:
    return "".join(
        f"Not measured: {_title(peer)}: {why}.\n" for peer, why in section["failed"].items()
    )


def _chart(name: str, svg: str) -> str:
    (CHARTS / f"{name}.svg").write_text(svg)
    return f"![{name}](charts/{name}.svg)\n"


def _figure(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
