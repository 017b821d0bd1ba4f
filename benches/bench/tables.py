"""Tables in Markdown: figures with quartiles, ratios between peers, and peers that failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import Any, Optional

from bench import peers
from bench.targets import ratios

Results = dict[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def times_table(section: Results, against: Sequence[str]) -> str:
    """The p50 of each peer, and its ratio to those of the peers `against`."""
    rows = [
        (
            title_of(peer),
            spread([each / 1000 for each in section["peers"][peer]["p50"]]),
            *(ratio(section, peer, other) for other in against),
        )
        for peer in by_p50(section)
    ]
    return table(("", "p50, µs", *(f"÷ {title_of(other)}" for other in against)), rows)


def by_p50(section: Results) -> list[str]:
    """The names of the peers, the fastest first."""
    return sorted(section["peers"], key=lambda peer: median(section["peers"][peer]["p50"]))


def ratio(section: Results, peer: str, other: str, figure: str = "p50") -> str:
    """The ratio with its quartiles; empty if the other peer was not measured."""
    if other not in section["peers"]:
        return ""
    return spread(ratios(section, peer, other, figure), digits=2)


def ratios_to(section: Results, other: str) -> dict[str, float]:
    """The median ratio of each peer, by title; empty if the other peer was not measured."""
    if other not in section["peers"]:
        return {}
    return {title_of(peer): median(ratios(section, peer, other)) for peer in by_p50(section)}


def title_of(peer: str) -> str:
    """The title of a peer, with its language."""
    one = peers.BY_NAME[peer]
    return one.title if one.language in one.title else f"{one.title} ({one.language})"


def spread(values: Sequence[float], digits: Optional[int] = None) -> str:
    """The median and, of several values, the quartiles."""
    middle = median(values)
    if digits is None:
        digits = 1 if middle >= 10 else 2
    if len(values) < 2:
        return f"{middle:,.{digits}f}"
    low, _, high = quantiles(values, method="inclusive")
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def failed(section: Results) -> str:
    """The peers that could not be measured, with the reasons."""
    return "".join(
        f"Not measured: {title_of(peer)}: {why}.\n" for peer, why in section["failed"].items()
    )
