"""Writes RESULTS.md and the charts from the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median, quantiles
from typing import Any, Optional

from bench import charts, peers
from bench.growth import exponent
from bench.places import CHARTS, REPORT
from bench.processes import less_empty
from bench.targets import TARGETS, ratios, scaling

Results = dict[str, Any]

_HEAD = """# Results

Written by `make bench`. Peers took their turns in rounds, in another order each time; a ratio is
the median of the ratios of single rounds, any other figure the median over the rounds. In
parentheses stand the quartiles, between which half of the rounds lie. Times are of this machine and
this day, and of a server on the same machine: only the ratios mean something elsewhere. One thread:
client and server on the same CPU. Many threads: on all CPUs. The official Go SDK is missing: its
module could not be had here; `net/http` and jwx are what it is built on. "As by the edge" are
answers like those that pass a content delivery network: eleven headers, one of which keeps the
connection by name, and the body as a chunk.
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
        ("runs", _runs),
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
        values = target.found(results)
        sign = "≥" if target.is_more_better else "≤"
        shown = f"{_spread(values)} {target.unit}".strip() if values else "not measured"
        verdict = target.verdict(median(values)) if values else ""
        least, aim = (
            f"{sign} {limit:g} {target.unit}".strip() for limit in (target.least, target.aim)
        )
        rows.append((target.what, least, aim, shown, verdict))
    return "## Targets\n\n" + table(("", "at least", "aim", "measured", ""), rows)


def _latency(found: Results) -> str:
    parts = ["## A warm sign-in, one thread\n"]
    for kind, section in found.items():
        scheme, _, edge = kind.partition(" ")
        name = f"{scheme.upper()}, answered as by the edge" if edge else scheme.upper()
        limit = "curl" if edge else "limit"
        against = ("curl", "ours") if edge else ("limit", "curl", "ours")
        parts.append(f"### {name}\n\n{_times(section, against)}")
        chart = _bars(
            f"latency-{kind.replace(' ', '-')}",
            f"Warm sign-in over {name}, one thread",
            f"p50 ÷ {_title(limit)}",
            _ratios_to(section, limit),
        )
        parts += [chart, _failed(section)]
    return "\n".join(parts)


def _throughput(found: Results) -> str:
    parts = [
        "## Many threads, HTTPS\n",
        "Not the official Node SDK, which has one thread; with 64 threads, nothing in Python.\n",
    ]
    for threads, section in found.items():
        rows = [
            (
                _title(peer),
                _spread(one["rate"], digits=0),
                _ratio(section, peer, "curl", "rate"),
                _ratio(section, peer, "ours", "rate"),
                _spread([each / 1000 for each in one["p99"]]),
                str(one["connections"]),
                f"{section['memory'][peer] / 1e6:.1f}",
            )
            for peer, one in sorted(
                section["peers"].items(), key=lambda item: -median(item[1]["rate"])
            )
        ]
        head = (
            *("", "calls/s", f"÷ {_title('curl')}", f"÷ {_title('ours')}", "p99, µs"),
            *("connections opened", "peak memory, MB"),
        )
        parts.append(f"### {threads} threads\n\n{table(head, rows)}")
        values = {_title(peer): median(one["rate"]) for peer, one in section["peers"].items()}
        chart = _bars(
            f"throughput-{threads}",
            f"Sign-ins by {threads} threads over HTTPS",
            "calls per second",
            values,
            "/s",
        )
        parts += [chart, _failed(section)]
    return "\n".join(parts)


def _async(found: Results) -> str:
    title = "## 100 sign-ins at a time on Python's event loop, HTTPS\n"
    return "\n".join([title, _times(found, ("py-ours",)), _failed(found)])


def _validation(found: Results) -> str:
    pinned = found["pinned"]
    chart = _bars(
        "validation",
        "Checking a session token",
        "p50 ÷ ring's bare check",
        _ratios_to(pinned, "raw"),
    )
    rows = [
        (
            _title(peer),
            *(_spread(found["spread"][n]["peers"][peer]["rate"], digits=0) for n in "12"),
            _spread(scaling(found, peer)),
        )
        for peer in found["spread"]["1"]["peers"]
        if peer in found["spread"]["2"]["peers"]
    ]
    return "\n".join(
        [
            "## Checking a session token, RS256, keys cached, one thread\n",
            _times(pinned, ("raw", "raw_openssl", "ours", "py-ours")),
            chart,
            _failed(pinned),
            "Checks per second on all CPUs. Python's threads share one interpreter lock but for the"
            " check itself.\n",
            table(("", "1 thread", "2 threads", "2 ÷ 1"), rows),
            _failed(found["spread"]["2"]),
        ]
    )


def _startup(found: Results) -> str:
    less = {
        peer: [each / 1e6 for each in less_empty(found, peer)]
        for peer in sorted(found["peers"], key=lambda peer: median(less_empty(found, peer)))
    }
    rows = [
        (
            _title(peer),
            _spread(times, digits=2),
            _spread([ours / theirs for ours, theirs in zip(times, less["curl"])])
            if "curl" in less
            else "",
            _spread([each / 1e6 for each in found["peers"][peer]["wall"]], digits=2),
            f"{median(found['peers'][peer]['memory']) / 1e6:.1f}",
        )
        for peer, times in less.items()
    ]
    head = ("", "ms, less an empty process", f"÷ {_title('curl')}", "ms", "peak memory, MB")
    chart = _bars(
        "startup",
        "From process start to the first HTTPS answer",
        "less an empty process of the language",
        {_title(peer): median(times) for peer, times in less.items()},
        "ms",
    )
    return "\n".join(
        [
            "## A process for one call, HTTPS\n",
            "With a file of all the authorities that are usual.\n",
            table(head, rows),
            chart,
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
    "threads": ("Threads", "threads", "wall time ÷ calls of all threads, on all CPUs, HTTPS"),
    "answers": ("Size of the answer", "bytes", "p50, one thread, HTTP"),
    "claims": ("Custom claims in a token", "claims", "p50, one thread"),
    "keys": ("Keys in the key set", "keys", "p50, one thread; the keys differ in name alone"),
}


def _growth(found: Results) -> str:
    parts = [
        "## Growth\n",
        "The exponent is the slope of a curve's upper half on logarithmic axes: 0 is flat, 1 is"
        " linear. The dashed line in the charts is linear.\n",
    ]
    for name, (title, across, up) in _GROWTH.items():
        curves = {_title(peer): curve for peer, curve in found[name].items()}
        sizes = [size for size, _ in next(iter(curves.values()))]
        rows = [
            (label, *(f"{value / 1000:,.1f}" for _, value in curve), f"{exponent(curve):.2f}")
            for label, curve in curves.items()
        ]
        head = (f"µs, by {across}", *(f"{size:,}" for size in sizes), "exponent")
        chart = charts.curves(title, across, f"ns: {up}", curves)
        parts += [
            f"### {title}\n",
            f"{up[0].upper()}{up[1:]}.\n",
            table(head, rows),
            _chart(f"growth-{name}", chart),
        ]
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
            "Over HTTPS, with a file of all the authorities that are usual. What is freed stays"
            " with the process, for whatever it needs next.\n",
            table(("", "resident memory, MB", "descriptors"), rows),
            f"The library has {found['libraryBytes']:,} bytes. One more operation is"
            f" {found['endpointBytes']:,} bytes of code, its exported function (the median of all"
            " that are operations), and about 1 kB of data, the description of its request and its"
            " answer.\n",
            "Shared libraries that a program brings in, the C library apart: ours"
            f" {ours['libraries']} with {ours['bytes'] / 1e6:.1f} MB, libcurl + cJSON"
            f" {curl['libraries']} with {curl['bytes'] / 1e6:.1f} MB.\n",
        ]
    )


def _round_trips(found: list[Mapping[str, Any]]) -> str:
    rows = [
        (row["what"], f"{row['ms']:.1f}", f"{row['roundTrips']:.1f}", f"{row['cpuMs']:.2f}")
        for row in found
    ]
    return "\n".join(
        [
            "## What a user feels: round trips\n",
            "HTTPS to the emulator with 40 ms of delay in each direction: a round trip takes 80 ms."
            " Resuming a session saves the check of the server's certificate and no round trip:"
            " TLS 1.3 has both sides' keys after one, and what could be sent with the first"
            " message may be sent twice, which a sign-in must not be.\n",
            table(("", "ms", "round trips", "the client's CPU, ms"), rows),
        ]
    )


def _machine(found: Mapping[str, str]) -> str:
    return "## What it ran on\n\n" + table(("", ""), found.items())


def _runs(found: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [(name, str(run["rounds"]), run["date"], run["commit"]) for name, run in found.items()]
    return "## When\n\n" + table(("", "rounds", "date", "commit"), rows)


def _times(section: Results, against: Sequence[str]) -> str:
    rows = [
        (
            _title(peer),
            _spread([each / 1000 for each in section["peers"][peer]["p50"]]),
            *(_ratio(section, peer, other) for other in against),
        )
        for peer in _sorted(section)
    ]
    return table(("", "p50, µs", *(f"÷ {_title(other)}" for other in against)), rows)


def _sorted(section: Results) -> list[str]:
    return sorted(section["peers"], key=lambda peer: median(section["peers"][peer]["p50"]))


def _ratio(section: Results, peer: str, other: str, figure: str = "p50") -> str:
    """With its quartiles; empty where the other was not measured."""
    if other not in section["peers"]:
        return ""
    return _spread(ratios(section, peer, other, figure), digits=2)


def _ratios_to(section: Results, other: str) -> dict[str, float]:
    """Each peer's median ratio, by title; none where the other was not measured."""
    if other not in section["peers"]:
        return {}
    return {_title(peer): median(ratios(section, peer, other)) for peer in _sorted(section)}


def _title(peer: str) -> str:
    one = peers.BY_NAME[peer]
    return one.title if one.language in one.title else f"{one.title} ({one.language})"


def _spread(values: Sequence[float], digits: Optional[int] = None) -> str:
    """The median and, where there are several, the quartiles."""
    middle = median(values)
    if digits is None:
        digits = 1 if middle >= 10 else 2
    if len(values) < 2:
        return f"{middle:,.{digits}f}"
    low, _, high = quantiles(values, method="inclusive")
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _failed(section: Results) -> str:
    return "".join(
        f"Not measured: {_title(peer)}: {why}.\n" for peer, why in section["failed"].items()
    )


def _bars(
    name: str, title: str, note: str, values: Mapping[str, float], unit: str = charts.TIMES
) -> str:
    """A chart, unless there is nothing to show."""
    return _chart(name, charts.bars(title, note, values, unit)) if values else ""


def _chart(name: str, svg: str) -> str:
    (CHARTS / f"{name}.svg").write_text(svg)
    return f"![{name}](charts/{name}.svg)\n"
