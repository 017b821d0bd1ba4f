"""Writes RESULTS.md and the charts from the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bench import charts
from bench.paths import CHARTS, REPORT
from bench.scaling import exponent
from bench.startup import net_times
from bench.tables import failed, ratio, ratios_to, spread, table, times_table, title_of
from bench.targets import TARGETS, speedup

Results = dict[str, Any]

_HEAD = """# Results

`make bench` writes this file. In each round every peer runs once, and the order changes from round
to round. A ratio is the median of the ratios in the single rounds. Any other figure is the median
over the rounds. The quartiles are in parentheses: half of the rounds lie between them.

The times are valid for this machine, on that day, with the server on the same machine. Only the
ratios can be compared with other machines. In single-threaded measurements client and server share
one CPU; in multi-threaded ones they use all CPUs.

"CDN responses" are like those of a content delivery network: they have eleven headers, among them
`Connection: keep-alive`, and the body is one chunk. The official Go SDK is missing, because its
module could not be downloaded on this machine. `net/http` and jwx, on which it is built, take its
place.
"""


def write_report(results: Results) -> None:
    """Writes RESULTS.md and the charts. Sections without results are left out."""
    CHARTS.mkdir(exist_ok=True)
    parts = [_HEAD, _targets(results)]
    for name, write in (
        ("latency", _latency),
        ("throughput", _throughput),
        ("async", _async),
        ("inFlight", _in_flight),
        ("validation", _validation),
        ("startup", _startup),
        ("deadAddress", _dead_address),
        ("counters", _counters),
        ("growth", _scaling),
        ("flat", _footprint),
        ("roundTrips", _round_trips),
        ("machine", _system_info),
        ("runs", _runs),
    ):
        if name in results:
            parts.append(write(results[name]))
    REPORT.write_text("\n".join(parts))


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        values = target.values(results)
        sign = "≥" if target.larger_is_better else "≤"
        measured = f"{spread(values)} {target.unit}".strip() if values else "not measured"
        verdict = target.verdict(median(values)) if values else ""
        required, aim = (
            f"{sign} {limit:g} {target.unit}".strip() for limit in (target.required, target.aim)
        )
        rows.append((target.title, required, aim, measured, verdict))
    return "## Targets\n\n" + table(("", "required", "aim", "measured", ""), rows)


def _latency(found: Results) -> str:
    parts = ["## Warm sign-in, one thread\n"]
    for kind, section in found.items():
        scheme, _, edge = kind.partition(" ")
        name = f"{scheme.upper()}, CDN responses" if edge else scheme.upper()
        baseline = "curl" if edge else "limit"
        against = ("curl", "ours") if edge else ("limit", "curl", "ours")
        parts.append(f"### {name}\n\n{times_table(section, against)}")
        chart = _bars(
            f"latency-{kind.replace(' ', '-')}",
            f"Warm sign-in over {name}, one thread",
            f"p50 ÷ {title_of(baseline)}",
            ratios_to(section, baseline),
        )
        parts += [chart, failed(section)]
    return "\n".join(parts)


def _throughput(found: Results) -> str:
    parts = [
        "## Multi-threaded sign-ins, HTTPS\n",
        "The official Node SDK is left out, because it has one thread. With 64 threads the Python"
        " peers are left out too.\n",
    ]
    for threads, section in found.items():
        rows = [
            (
                title_of(peer),
                spread(one["rate"], digits=0),
                ratio(section, peer, "curl", "rate"),
                ratio(section, peer, "ours", "rate"),
                spread([each / 1000 for each in one["p99"]]),
                str(one["connections"]),
                f"{section['memory'][peer] / 1e6:.1f}",
            )
            for peer, one in sorted(
                section["peers"].items(), key=lambda item: -median(item[1]["rate"])
            )
        ]
        head = (
            *("", "calls/s", f"÷ {title_of('curl')}", f"÷ {title_of('ours')}", "p99, µs"),
            *("connections opened", "peak memory, MB"),
        )
        parts.append(f"### {threads} threads\n\n{table(head, rows)}")
        values = {title_of(peer): median(one["rate"]) for peer, one in section["peers"].items()}
        chart = _bars(
            f"throughput-{threads}",
            f"Sign-ins on {threads} threads over HTTPS",
            "calls per second",
            values,
            "/s",
        )
        parts += [chart, failed(section)]
    return "\n".join(parts)


def _async(found: Results) -> str:
    title = "## 100 concurrent sign-ins on Python's event loop, HTTPS\n"
    return "\n".join([title, times_table(found, ("py-ours",)), failed(found)])


def _in_flight(found: Results) -> str:
    return "\n".join(
        [
            "## 1,000 sign-ins in flight on one thread, HTTPS\n",
            "The library's C ABI with a queue, and libcurl with its multi interface and epoll. Both"
            " have 1,000 connections. The server answers when 1,000 requests have arrived: if it"
            " answered at once, libcurl would use a few connections only.\n",
            _tasks(found["c"], ("curl",)),
            failed(found["c"]),
            "1,000 coroutines on Python's event loop, with the default configuration: they share"
            " 256 connections. The server answers at once.\n",
            _tasks(found["python"]),
            failed(found["python"]),
        ]
    )


def _tasks(section: Results, against: Sequence[str] = ()) -> str:
    """A table of peers that make calls in tasks."""
    rows = [
        (
            title_of(peer),
            spread(one["rate"], digits=0),
            *(ratio(section, peer, other, "rate") for other in against),
            spread([each / 1e6 for each in one["p50"]]),
            spread([each / 1e6 for each in one["p99"]]),
            str(one["connections"]),
            str(one["threads"]),
            f"{one['memory'] / 1e6:.1f}",
            f"{(one['memory'] - one['emptyMemory']) / 1e6:.1f}",
        )
        for peer, one in sorted(section["peers"].items(), key=lambda item: -median(item[1]["rate"]))
    ]
    head = (
        *("", "calls/s", *(f"÷ {title_of(other)}" for other in against), "p50, ms", "p99, ms"),
        *("connections opened", "threads", "peak memory, MB", "without an empty process, MB"),
    )
    return table(head, rows)


def _validation(found: Results) -> str:
    pinned = found["pinned"]
    chart = _bars(
        "validation",
        "Session token validation",
        "p50 ÷ signature check only, ring",
        ratios_to(pinned, "raw"),
    )
    rows = [
        (
            title_of(peer),
            *(spread(found["spread"][n]["peers"][peer]["rate"], digits=0) for n in "12"),
            spread(speedup(found, peer)),
        )
        for peer in found["spread"]["1"]["peers"]
        if peer in found["spread"]["2"]["peers"]
    ]
    return "\n".join(
        [
            "## Session token validation, RS256, cached keys, one thread\n",
            times_table(pinned, ("raw", "raw_openssl", "ours", "py-ours")),
            chart,
            failed(pinned),
            "Validations per second on all CPUs. Python's threads share the interpreter lock,"
            " except during the validation itself.\n",
            table(("", "1 thread", "2 threads", "2 threads ÷ 1"), rows),
            failed(found["spread"]["2"]),
        ]
    )


def _startup(found: Results) -> str:
    times_by_peer = _net_ms(found)
    chart = _bars(
        "startup",
        "A process with one HTTPS call",
        "without the time of an empty process of the same language",
        {title_of(peer): median(times) for peer, times in times_by_peer.items()},
        "ms",
    )
    return "\n".join(
        [
            "## A process with one call, HTTPS\n",
            "The CA file has all the usual certificate authorities.\n",
            _processes(found),
            chart,
            failed(found),
        ]
    )


def _dead_address(found: Results) -> str:
    return "\n".join(
        [
            "## A process with one call to a name whose first address does not respond, HTTPS\n",
            "The name has two addresses. Connecting to the first one, `::1`, neither succeeds nor"
            " fails, and the server listens on the second one, `127.0.0.1`. libcurl starts to"
            " connect to the second address after 200 ms.\n",
            _processes(found),
            failed(found),
        ]
    )


def _net_ms(found: Results) -> dict[str, list[float]]:
    """For each peer the times without those of the empty process, in ms, the fastest peer first."""
    times = {peer: [each / 1e6 for each in net_times(found, peer)] for peer in found["peers"]}
    return dict(sorted(times.items(), key=lambda item: median(item[1])))


def _processes(found: Results) -> str:
    """A table of processes that make one call."""
    times_by_peer = _net_ms(found)
    rows = [
        (
            title_of(peer),
            spread(times, digits=2),
            spread([ours / theirs for ours, theirs in zip(times, times_by_peer["curl"])])
            if "curl" in times_by_peer
            else "",
            spread([each / 1e6 for each in found["peers"][peer]["wall"]], digits=2),
            f"{median(found['peers'][peer]['memory']) / 1e6:.1f}",
        )
        for peer, times in times_by_peer.items()
    ]
    head = ("", "ms, without an empty process", f"÷ {title_of('curl')}", "ms", "peak memory, MB")
    return table(head, rows)


def _counters(found: Results) -> str:
    rows = [
        (
            f"{title_of(peer)}, {what}",
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
    return "## Counters of one warm call\n\n" + table(head, rows)


_SCALING = {
    "threads": (
        "Threads",
        "threads",
        "wall time divided by the calls of all threads, on all CPUs, HTTPS",
    ),
    "answers": ("Response size", "bytes", "p50, one thread, HTTP"),
    "claims": ("Custom claims in a token", "claims", "p50, one thread"),
    "keys": ("Keys in the key set", "keys", "p50, one thread; only the key IDs differ"),
}


def _scaling(found: Results) -> str:
    parts = [
        "## Scaling\n",
        "The exponent is the slope of a curve's upper half on logarithmic axes: 0 is flat, 1 is"
        " linear. The dashed line in the charts shows linear growth.\n",
    ]
    for name, (title, x_label, y_label) in _SCALING.items():
        curves = {title_of(peer): curve for peer, curve in found[name].items()}
        sizes = [size for size, _ in next(iter(curves.values()))]
        rows = [
            (label, *(f"{value / 1000:,.1f}" for _, value in curve), f"{exponent(curve):.2f}")
            for label, curve in curves.items()
        ]
        head = (f"µs, by {x_label}", *(f"{size:,}" for size in sizes), "exponent")
        chart = charts.curves(title, x_label, f"ns: {y_label}", curves)
        parts += [
            f"### {title}\n",
            f"{y_label[0].upper()}{y_label[1:]}.\n",
            table(head, rows),
            _chart(f"growth-{name}", chart),
        ]
    return "\n".join(parts)


def _footprint(found: Results) -> str:
    rows = [
        (step["what"], f"{step['residentBytes'] / 1e6:.2f}", str(step["descriptors"]))
        for step in found["steps"]
    ]
    ours, curl = found["oursClosure"], found["curlClosure"]
    return "\n".join(
        [
            "## Memory and code size\n",
            "Over HTTPS, with a CA file that has all the usual certificate authorities. Memory that"
            " the library frees stays with the process for later allocations.\n",
            table(("", "resident memory, MB", "open descriptors"), rows),
            f"The library has {found['libraryBytes']:,} bytes. Another operation adds"
            f" {found['endpointBytes']:,} bytes of code for its exported function (the median of"
            " all operations), and about 1 kB of data for the description of its request and"
            " response.\n",
            "Shared libraries that a program loads, without the C library: ours"
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
            "## Round trips\n",
            "HTTPS to the emulator with a delay of 40 ms in each direction: a round trip takes 80"
            " ms. Resuming a TLS session saves the verification of the server's certificate, but no"
            " round trip: a full TLS 1.3 handshake needs only one as well. Early data (0-RTT) would"
            " save it, but can be replayed, and a sign-in must not be sent twice.\n",
            table(("", "ms", "round trips", "CPU time of the client, ms"), rows),
        ]
    )


def _system_info(found: Mapping[str, str]) -> str:
    return "## Machine and versions\n\n" + table(("", ""), found.items())


def _runs(found: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [(name, str(run["rounds"]), run["date"], run["commit"]) for name, run in found.items()]
    return "## Measured\n\n" + table(("", "rounds", "date", "commit"), rows)


def _bars(
    name: str, title: str, note: str, values: Mapping[str, float], unit: str = charts.TIMES
) -> str:
    """A bar chart; nothing without values."""
    return _chart(name, charts.bars(title, note, values, unit)) if values else ""


def _chart(name: str, svg: str) -> str:
    (CHARTS / f"{name}.svg").write_text(svg)
    return f"![{name}](charts/{name}.svg)\n"
